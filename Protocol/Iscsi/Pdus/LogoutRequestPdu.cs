namespace Weft.Protocol.Iscsi;

/// <summary>Logout Request. RFC 7143 §11.14.</summary>
// 0 -:1 I:1 opcode:6 | 1 1:1 Reason:7 | 16 ITT | 20 CID | 24 CmdSN | 28 ExpStatSN
public readonly record struct LogoutRequestPdu : IPdu<LogoutRequestPdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public LogoutRequestPdu()
    {
        bhs.Opcode = IscsiOpcode.LogoutRequest;
        bhs.Final = true; // always set
    }

    public static IscsiOpcode Opcode => IscsiOpcode.LogoutRequest;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public bool Immediate { get => bhs.Immediate; init => bhs.Immediate = value; }
    public LogoutReason Reason { get => (LogoutReason)(bhs[1] & 0x7F); init => bhs.SetField(1, 0x7F, (int)value); }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public ushort Cid { get => bhs.U16(20); init => bhs.Set16(20, value); }
    public CmdSn CmdSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public StatSn ExpStatSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out LogoutRequestPdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
