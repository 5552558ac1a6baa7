using Weft.Protocol.Scsi;

namespace Weft.Protocol.Iscsi;

/// <summary>SCSI Data-Out: over iSER only unsolicited. RFC 7143 §11.7.</summary>
// 0 -:1 I:1 opcode:6 | 1 F:1 | 8 LUN | 16 ITT | 20 TTT | 28 ExpStatSN | 36 DataSN | 40 Buffer Offset
public readonly record struct DataOutPdu : IPdu<DataOutPdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public DataOutPdu()
    {
        bhs.Opcode = IscsiOpcode.DataOut;
    }

    public static IscsiOpcode Opcode => IscsiOpcode.DataOut;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public bool Final { get => bhs.Has(1, 0x80); init => bhs.SetBits(1, 0x80, value); }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public Lun Lun { get => new(bhs.U64(8)); init => bhs.Set64(8, value.Value); }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public TaskTag TargetTransferTag { get => new(bhs.U32(20)); init => bhs.Set32(20, value.Value); }
    public StatSn ExpStatSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    public uint DataSn { get => bhs.U32(36); init => bhs.Set32(36, value); }
    public uint BufferOffset { get => bhs.U32(40); init => bhs.Set32(40, value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out DataOutPdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
