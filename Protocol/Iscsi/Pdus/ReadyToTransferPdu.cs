using Weft.Protocol.Scsi;

namespace Weft.Protocol.Iscsi;

/// <summary>Ready To Transfer: never over iSER. Its StatSN is the next one and is not consumed. RFC 7143 §11.8.</summary>
// 0 -:1 I:1 opcode:6 | 1 1:1 | 8 LUN | 16 ITT | 20 TTT | 24 StatSN | 28 ExpCmdSN | 32 MaxCmdSN | 36 R2TSN | 40 Buffer Offset |
//  44 Desired Length
public readonly record struct ReadyToTransferPdu : IPdu<ReadyToTransferPdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public ReadyToTransferPdu()
    {
        bhs.Opcode = IscsiOpcode.ReadyToTransfer;
        bhs.Final = true; // always set
    }

    public static IscsiOpcode Opcode => IscsiOpcode.ReadyToTransfer;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public Lun Lun { get => new(bhs.U64(8)); init => bhs.Set64(8, value.Value); }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public TaskTag TargetTransferTag { get => new(bhs.U32(20)); init => bhs.Set32(20, value.Value); }
    public StatSn StatSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public CmdSn ExpCmdSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    public CmdSn MaxCmdSn { get => new(bhs.U32(32)); init => bhs.Set32(32, value.Value); }
    public uint R2TSn { get => bhs.U32(36); init => bhs.Set32(36, value); }
    public uint BufferOffset { get => bhs.U32(40); init => bhs.Set32(40, value); }
    public uint DesiredLength { get => bhs.U32(44); init => bhs.Set32(44, value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out ReadyToTransferPdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
