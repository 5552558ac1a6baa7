namespace Weft.Target.Commands;

/// <summary>Service responses of task management. SAM-5 §7.1.</summary>
public enum TaskManagementResponse : byte
{
    /// <summary>Done; for a query: no such task.</summary>
    FunctionComplete,
    /// <summary>A query that found something.</summary>
    FunctionSucceeded,
    /// <summary>ABORT TASK of a tag that is not in the task set: never came, or has ended already.</summary>
    TaskDoesNotExist,
    LunDoesNotExist,
    NotSupported,
}
