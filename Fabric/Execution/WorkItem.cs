namespace Weft.Fabric.Execution;

/// <summary>
/// Something to run later on a node's executor. Owned and reused by whoever posts it, so that posting allocates nothing;
/// an item may be in one lane at a time.
/// </summary>
public abstract class WorkItem
{
    /// <summary>Intrusive link, for the executor alone.</summary>
    public WorkItem? ExecutorNext;
    /// <summary>Position in the order, for the executor alone.</summary>
    public QueueSlot ExecutorSlot;
    /// <summary>Whether the item is waiting in a lane.</summary>
    public bool IsPosted;

    public abstract void Run();
}
