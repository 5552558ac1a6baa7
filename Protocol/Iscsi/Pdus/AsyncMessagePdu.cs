using Weft.Protocol.Scsi;

namespace Weft.Protocol.Iscsi;

/// <summary>Asynchronous Message. RFC 7143 §11.9.</summary>
// 0 -:1 I:1 opcode:6 | 1 1:1 | 8 LUN | 16 all ones | 24 StatSN | 28 ExpCmdSN | 32 MaxCmdSN | 36 Event | 37 VCode | 38 P1 |
//  40 P2 | 42 P3
public readonly record struct AsyncMessagePdu : IPdu<AsyncMessagePdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public AsyncMessagePdu()
    {
        bhs.Opcode = IscsiOpcode.AsyncMessage;
        bhs.Final = true; // always set
        bhs.InitiatorTaskTag = TaskTag.Reserved;
    }

    public static IscsiOpcode Opcode => IscsiOpcode.AsyncMessage;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public Lun Lun { get => new(bhs.U64(8)); init => bhs.Set64(8, value.Value); }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public StatSn StatSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public CmdSn ExpCmdSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    public CmdSn MaxCmdSn { get => new(bhs.U32(32)); init => bhs.Set32(32, value.Value); }
    public AsyncEvent Event { get => (AsyncEvent)bhs[36]; init => bhs[36] = (byte)value; }
    public byte VendorCode { get => bhs[37]; init => bhs[37] = value; }
    public ushort Parameter1 { get => bhs.U16(38); init => bhs.Set16(38, value); }
    public ushort Parameter2 { get => bhs.U16(40); init => bhs.Set16(40, value); }
    public ushort Parameter3 { get => bhs.U16(42); init => bhs.Set16(42, value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out AsyncMessagePdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
