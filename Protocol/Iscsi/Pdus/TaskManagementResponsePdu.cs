namespace Weft.Protocol.Iscsi;

/// <summary>Task Management Function Response. RFC 7143 §11.6.</summary>
// 0 -:1 I:1 opcode:6 | 1 1:1 | 2 Response | 16 ITT | 24 StatSN | 28 ExpCmdSN | 32 MaxCmdSN
public readonly record struct TaskManagementResponsePdu : IPdu<TaskManagementResponsePdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public TaskManagementResponsePdu()
    {
        bhs.Opcode = IscsiOpcode.TaskManagementResponse;
        bhs.Final = true; // always set
    }

    public static IscsiOpcode Opcode => IscsiOpcode.TaskManagementResponse;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public TaskManagementResponseCode Response { get => (TaskManagementResponseCode)bhs[2]; init => bhs[2] = (byte)value; }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public StatSn StatSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public CmdSn ExpCmdSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    public CmdSn MaxCmdSn { get => new(bhs.U32(32)); init => bhs.Set32(32, value.Value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out TaskManagementResponsePdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
