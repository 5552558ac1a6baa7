namespace Weft.Fabric.Execution;

/// <summary>
/// Where something queued stands in its executor's order. Written and read by the executor alone; it lies inside the queued object so
/// that queueing allocates nothing. Times are nanoseconds of <see cref="Instant"/>.
/// </summary>
public struct QueueSlot
{
    /// <summary>When it may run at the earliest.</summary>
    public long Earliest;
    /// <summary>Nothing that becomes ready after this may run before it.</summary>
    public long Latest;
    /// <summary>Breaks ties of <see cref="Earliest"/>: the poster's rank, then the poster's own count.</summary>
    public ulong Sequence;
    /// <summary>Number of the event that queued it, -1 when none did.</summary>
    public int Cause;
    /// <summary>How much room it has against others.</summary>
    public OrderFreedom Freedom;
    /// <summary>The kind of choice that gave it that room.</summary>
    public ChoiceKind FreedBy;
}
