using Weft.Protocol.Scsi;

namespace Weft.Protocol.Iscsi;

/// <summary>NOP-Out: a ping (ITT valid) or the answer to one (ITT reserved, then immediate). RFC 7143 §11.18.</summary>
// 0 -:1 I:1 opcode:6 | 1 1:1 | 8 LUN | 16 ITT | 20 TTT | 24 CmdSN | 28 ExpStatSN
public readonly record struct NopOutPdu : IPdu<NopOutPdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public NopOutPdu()
    {
        bhs.Opcode = IscsiOpcode.NopOut;
        bhs.Final = true; // always set
    }

    public static IscsiOpcode Opcode => IscsiOpcode.NopOut;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public bool Immediate { get => bhs.Immediate; init => bhs.Immediate = value; }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public Lun Lun { get => new(bhs.U64(8)); init => bhs.Set64(8, value.Value); }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public TaskTag TargetTransferTag { get => new(bhs.U32(20)); init => bhs.Set32(20, value.Value); }
    public CmdSn CmdSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public StatSn ExpStatSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out NopOutPdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
