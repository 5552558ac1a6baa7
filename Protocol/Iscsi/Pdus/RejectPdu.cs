namespace Weft.Protocol.Iscsi;

/// <summary>Reject; its data segment is the header of the refused PDU. RFC 7143 §11.17.</summary>
// 0 -:1 I:1 opcode:6 | 1 1:1 | 2 Reason | 16 all ones | 24 StatSN | 28 ExpCmdSN | 32 MaxCmdSN | 36 DataSN/R2TSN
public readonly record struct RejectPdu : IPdu<RejectPdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public RejectPdu()
    {
        bhs.Opcode = IscsiOpcode.Reject;
        bhs.Final = true; // always set
        bhs.InitiatorTaskTag = TaskTag.Reserved;
    }

    public static IscsiOpcode Opcode => IscsiOpcode.Reject;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public RejectReason Reason { get => (RejectReason)bhs[2]; init => bhs[2] = (byte)value; }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public StatSn StatSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public CmdSn ExpCmdSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    public CmdSn MaxCmdSn { get => new(bhs.U32(32)); init => bhs.Set32(32, value.Value); }
    public uint DataSn { get => bhs.U32(36); init => bhs.Set32(36, value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out RejectPdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
