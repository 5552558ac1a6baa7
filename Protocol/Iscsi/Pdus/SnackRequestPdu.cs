using Weft.Protocol.Scsi;

namespace Weft.Protocol.Iscsi;

/// <summary>SNACK Request: never over iSER. RFC 7143 §11.16.</summary>
// 0 -:1 I:1 opcode:6 | 1 1:1 -:3 Type:4 | 8 LUN | 16 ITT | 20 TTT or SNACK tag | 28 ExpStatSN | 40 BegRun | 44 RunLength
public readonly record struct SnackRequestPdu : IPdu<SnackRequestPdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public SnackRequestPdu()
    {
        bhs.Opcode = IscsiOpcode.SnackRequest;
        bhs.Final = true; // always set
    }

    public static IscsiOpcode Opcode => IscsiOpcode.SnackRequest;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public SnackType Type { get => (SnackType)(bhs[1] & 0x0F); init => bhs.SetField(1, 0x0F, (int)value); }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public Lun Lun { get => new(bhs.U64(8)); init => bhs.Set64(8, value.Value); }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public TaskTag TargetTransferTag { get => new(bhs.U32(20)); init => bhs.Set32(20, value.Value); }
    public StatSn ExpStatSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    public uint BegRun { get => bhs.U32(40); init => bhs.Set32(40, value); }
    public uint RunLength { get => bhs.U32(44); init => bhs.Set32(44, value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out SnackRequestPdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
