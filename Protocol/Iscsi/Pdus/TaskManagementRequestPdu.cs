using Weft.Protocol.Scsi;

namespace Weft.Protocol.Iscsi;

/// <summary>Task Management Function Request. RFC 7143 §11.5.</summary>
// 0 -:1 I:1 opcode:6 | 1 1:1 Function:7 | 8 LUN | 16 ITT | 20 Referenced Task Tag | 24 CmdSN | 28 ExpStatSN | 32 RefCmdSN |
//  36 ExpDataSN
public readonly record struct TaskManagementRequestPdu : IPdu<TaskManagementRequestPdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public TaskManagementRequestPdu()
    {
        bhs.Opcode = IscsiOpcode.TaskManagementRequest;
        bhs.Final = true; // always set
    }

    public static IscsiOpcode Opcode => IscsiOpcode.TaskManagementRequest;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public bool Immediate { get => bhs.Immediate; init => bhs.Immediate = value; }
    public TaskManagementFunction Function { get => (TaskManagementFunction)(bhs[1] & 0x7F); init => bhs.SetField(1, 0x7F, (int)value); }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public Lun Lun { get => new(bhs.U64(8)); init => bhs.Set64(8, value.Value); }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public TaskTag ReferencedTaskTag { get => new(bhs.U32(20)); init => bhs.Set32(20, value.Value); }
    public CmdSn CmdSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public StatSn ExpStatSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    public CmdSn RefCmdSn { get => new(bhs.U32(32)); init => bhs.Set32(32, value.Value); }
    public uint ExpDataSn { get => bhs.U32(36); init => bhs.Set32(36, value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out TaskManagementRequestPdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
