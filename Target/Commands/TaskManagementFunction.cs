namespace Weft.Target.Commands;

/// <summary>Task management functions. SAM-5 §7. Transports translate their own codes.</summary>
public enum TaskManagementFunction : byte
{
    AbortTask,
    AbortTaskSet,
    ClearAca,
    ClearTaskSet,
    LogicalUnitReset,
    /// <summary>All logical units of the target, for every initiator.</summary>
    TargetWarmReset,
    /// <summary>As a warm reset; the front end closes all sessions afterwards. RFC 7143 §11.5.1.</summary>
    TargetColdReset,
    QueryTask,
    QueryTaskSet,
    QueryAsynchronousEvent,
    NexusReset,
}
