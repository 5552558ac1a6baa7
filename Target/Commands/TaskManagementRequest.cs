using Weft.Protocol.Scsi;

namespace Weft.Target.Commands;

/// <summary>
/// One task management function on its way. Made and kept by the front end; it may be reused after <see cref="ITaskPort.ManagementDone"/>.
/// </summary>
public class TaskManagementRequest
{
    public TaskManagementFunction Function { get; set; }
    /// <summary>Ignored by the target resets and by NEXUS RESET.</summary>
    public Lun Lun { get; set; }
    /// <summary>ABORT TASK and QUERY TASK: tag of the command meant.</summary>
    public ulong ReferencedTag { get; set; }
    /// <summary>For the front end's own use.</summary>
    public object? Context { get; set; }

    /// <summary>The answer, valid from <see cref="ITaskPort.ManagementDone"/> on.</summary>
    public TaskManagementResponse Response { get; internal set; }
    public Nexus? Nexus { get; internal set; }
    /// <summary>Affected tasks that have not stopped yet.</summary>
    public int Pending { get; internal set; }
    internal bool IsScanning;
    internal bool IsAnswered;

    public override string ToString() => Function is TaskManagementFunction.AbortTask or TaskManagementFunction.QueryTask
        ? $"{Function} tag 0x{ReferencedTag:x} lun {Lun}"
        : $"{Function} lun {Lun}";
}
