using Weft.Protocol.Scsi;

namespace Weft.Protocol.Iscsi;

/// <summary>NOP-In: the answer to a ping (ITT valid) or a ping or window update of the target (ITT reserved; StatSN is then the next one). RFC 7143 §11.19.</summary>
// 0 -:1 I:1 opcode:6 | 1 1:1 | 8 LUN | 16 ITT | 20 TTT | 24 StatSN | 28 ExpCmdSN | 32 MaxCmdSN
public readonly record struct NopInPdu : IPdu<NopInPdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public NopInPdu()
    {
        bhs.Opcode = IscsiOpcode.NopIn;
        bhs.Final = true; // always set
    }

    public static IscsiOpcode Opcode => IscsiOpcode.NopIn;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public Lun Lun { get => new(bhs.U64(8)); init => bhs.Set64(8, value.Value); }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public TaskTag TargetTransferTag { get => new(bhs.U32(20)); init => bhs.Set32(20, value.Value); }
    public StatSn StatSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public CmdSn ExpCmdSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    public CmdSn MaxCmdSn { get => new(bhs.U32(32)); init => bhs.Set32(32, value.Value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out NopInPdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
