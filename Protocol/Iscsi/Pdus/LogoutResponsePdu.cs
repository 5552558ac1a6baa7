namespace Weft.Protocol.Iscsi;

/// <summary>Logout Response. RFC 7143 §11.15.</summary>
// 0 -:1 I:1 opcode:6 | 1 1:1 | 2 Response | 16 ITT | 24 StatSN | 28 ExpCmdSN | 32 MaxCmdSN | 40 Time2Wait | 42 Time2Retain
public readonly record struct LogoutResponsePdu : IPdu<LogoutResponsePdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public LogoutResponsePdu()
    {
        bhs.Opcode = IscsiOpcode.LogoutResponse;
        bhs.Final = true; // always set
    }

    public static IscsiOpcode Opcode => IscsiOpcode.LogoutResponse;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public LogoutResponseCode Response { get => (LogoutResponseCode)bhs[2]; init => bhs[2] = (byte)value; }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public StatSn StatSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public CmdSn ExpCmdSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    public CmdSn MaxCmdSn { get => new(bhs.U32(32)); init => bhs.Set32(32, value.Value); }
    /// <summary>Seconds.</summary>
    public ushort Time2Wait { get => bhs.U16(40); init => bhs.Set16(40, value); }
    /// <summary>Seconds.</summary>
    public ushort Time2Retain { get => bhs.U16(42); init => bhs.Set16(42, value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out LogoutResponsePdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
