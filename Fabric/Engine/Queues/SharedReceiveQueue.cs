using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Queues;

/// <summary>A receive queue of several QPs. IBA Vol 1 §10.2.9.</summary>
internal sealed class SharedReceiveQueue(ProtectionDomain domain, int depth, int maxSge) : ISharedReceiveQueue
{
    private readonly ReceiveQueue queue = new(depth, maxSge);
    private int limit;

    public ProtectionDomain Domain { get; } = domain;
    public int Capacity => queue.Depth;
    public int MaxSge => queue.MaxSge;
    public int Count => queue.Count;
    public object? Context { get; set; }
    public bool IsDestroyed { get; private set; }
    /// <summary>QPs that receive from it.</summary>
    public int Users { get; set; }

    public VerbsError? PostReceive(ulong id, ReadOnlySpan<Sge> sges) =>
        IsDestroyed ? new(VerbsErrorCode.NotFound, "the SRQ is destroyed") : queue.Post(id, sges);

    public bool TryTake(ReceiveBuffer buffer)
    {
        if (!queue.TryTake(buffer)) return false;
        CheckLimit();
        return true;
    }

    /// <summary>An SRQ that is already below the limit reports at once: otherwise its consumer would wait for ever. IBA Vol 1 §10.2.9.1.</summary>
    public VerbsError? SetLimit(int value)
    {
        if (value < 0 || value > Capacity) return new(VerbsErrorCode.InvalidAttribute, $"limit {value}, 0..{Capacity} allowed");
        limit = value;
        CheckLimit();
        return null;
    }

    public VerbsError? Destroy()
    {
        if (IsDestroyed) return new(VerbsErrorCode.NotFound, "already destroyed");
        if (Users != 0) return new(VerbsErrorCode.Busy, $"{Users} QPs use it");
        IsDestroyed = true;
        Domain.Remove(this);
        return null;
    }

    private void CheckLimit()
    {
        if (queue.Count >= limit) return;
        limit = 0;
        Domain.Hca.Events.Raise(new(AsyncEventType.SrqLimitReached, SharedReceiveQueue: this));
    }
}
