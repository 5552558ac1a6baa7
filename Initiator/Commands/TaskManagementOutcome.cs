namespace Weft.Initiator.Commands;

/// <summary>How a task management function ended.</summary>
public enum TaskManagementOutcome : byte
{
    /// <summary>Done: the commands that it was for have ended.</summary>
    Complete,
    /// <summary>The target does not know the command: its response is on the way, or was seen.</summary>
    TaskNotFound,
    LunNotFound,
    NotSupported,
    Rejected,
    /// <summary>No answer in time.</summary>
    TimedOut,
    /// <summary>There is no connection, or it was lost before the answer.</summary>
    ConnectionLost,
}
