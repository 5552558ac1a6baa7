using Weft.Protocol.Scsi;

namespace Weft.Protocol.Iscsi;

/// <summary>SCSI Data-In: never over iSER. RFC 7143 §11.7.</summary>
// 0 -:1 I:1 opcode:6 | 1 F:1 A:1 -:3 O:1 U:1 S:1 | 3 Status | 8 LUN | 16 ITT | 20 TTT | 24 StatSN | 28 ExpCmdSN |
//  32 MaxCmdSN | 36 DataSN | 40 Buffer Offset | 44 residual
public readonly record struct DataInPdu : IPdu<DataInPdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public DataInPdu()
    {
        bhs.Opcode = IscsiOpcode.DataIn;
    }

    public static IscsiOpcode Opcode => IscsiOpcode.DataIn;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public bool Final { get => bhs.Has(1, 0x80); init => bhs.SetBits(1, 0x80, value); }
    public bool Acknowledge { get => bhs.Has(1, 0x40); init => bhs.SetBits(1, 0x40, value); }
    public bool Overflow { get => bhs.Has(1, 0x04); init => bhs.SetBits(1, 0x04, value); }
    public bool Underflow { get => bhs.Has(1, 0x02); init => bhs.SetBits(1, 0x02, value); }
    /// <summary>S bit: status, StatSN and residual are meaningful.</summary>
    public bool HasStatus { get => bhs.Has(1, 0x01); init => bhs.SetBits(1, 0x01, value); }
    public ScsiStatus Status { get => (ScsiStatus)bhs[3]; init => bhs[3] = (byte)value; }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public Lun Lun { get => new(bhs.U64(8)); init => bhs.Set64(8, value.Value); }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public TaskTag TargetTransferTag { get => new(bhs.U32(20)); init => bhs.Set32(20, value.Value); }
    public StatSn StatSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public CmdSn ExpCmdSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    public CmdSn MaxCmdSn { get => new(bhs.U32(32)); init => bhs.Set32(32, value.Value); }
    public uint DataSn { get => bhs.U32(36); init => bhs.Set32(36, value); }
    public uint BufferOffset { get => bhs.U32(40); init => bhs.Set32(40, value); }
    public uint Residual { get => bhs.U32(44); init => bhs.Set32(44, value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out DataInPdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
