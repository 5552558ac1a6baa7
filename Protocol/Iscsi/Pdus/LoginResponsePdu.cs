namespace Weft.Protocol.Iscsi;

/// <summary>Login Response. RFC 7143 §11.13.</summary>
// 0 -:1 I:1 opcode:6 | 1 T:1 C:1 -:2 CSG:2 NSG:2 | 2 VersionMax | 3 VersionActive | 8 ISID(6) | 14 TSIH | 16 ITT | 24 StatSN |
//  28 ExpCmdSN | 32 MaxCmdSN | 36 Status-Class | 37 Status-Detail
public readonly record struct LoginResponsePdu : IPdu<LoginResponsePdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public LoginResponsePdu()
    {
        bhs.Opcode = IscsiOpcode.LoginResponse;
    }

    public static IscsiOpcode Opcode => IscsiOpcode.LoginResponse;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public bool Transit { get => bhs.Has(1, 0x80); init => bhs.SetBits(1, 0x80, value); }
    /// <summary>C bit: the text goes on in the next PDU.</summary>
    public bool Continue { get => bhs.Has(1, 0x40); init => bhs.SetBits(1, 0x40, value); }
    public LoginStage CurrentStage { get => (LoginStage)((bhs[1] & 0x0C) >> 2); init => bhs.SetField(1, 0x0C, (int)value << 2); }
    public LoginStage NextStage { get => (LoginStage)(bhs[1] & 0x03); init => bhs.SetField(1, 0x03, (int)value); }
    public byte VersionMax { get => bhs[2]; init => bhs[2] = value; }
    public byte VersionActive { get => bhs[3]; init => bhs[3] = value; }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public Isid Isid { get => new(bhs.U64(8) >> 16); init => bhs.Set64(8, (value.Value << 16) | bhs.U16(14)); }
    /// <summary>Given by the target in its final response of the leading login.</summary>
    public ushort Tsih { get => bhs.U16(14); init => bhs.Set16(14, value); }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public StatSn StatSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public CmdSn ExpCmdSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    public CmdSn MaxCmdSn { get => new(bhs.U32(32)); init => bhs.Set32(32, value.Value); }
    /// <summary>Class and detail as one number.</summary>
    public LoginStatus Status { get => (LoginStatus)bhs.U16(36); init => bhs.Set16(36, (ushort)value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out LoginResponsePdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
