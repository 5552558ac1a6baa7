namespace Weft.Initiator.Commands;

/// <summary>A task management function to be carried out, with what follows it.</summary>
internal sealed class TaskManagementJob
{
    public required TaskFunction Function { get; init; }
    public Lun Lun { get; init; }
    /// <summary>AbortTask: the command.</summary>
    public DiskCommand? Command { get; init; }
    public Duration Timeout { get; init; }
    /// <summary>How the commands that it ends are said to have ended.</summary>
    public CommandOutcome CommandOutcome { get; init; }
    /// <summary>Called once.</summary>
    public required Action<TaskManagementOutcome> Finished { get; init; }
    /// <summary>The transport's task, while it runs.</summary>
    public object? Task { get; set; }

    /// <summary>Whether a running command is ended by this function's success.</summary>
    public bool Covers(DiskCommand command) => Function switch
    {
        TaskFunction.AbortTask => command == Command,
        TaskFunction.TargetReset or TaskFunction.TargetColdReset => true,
        _ => command.Lun == Lun,
    };
}
