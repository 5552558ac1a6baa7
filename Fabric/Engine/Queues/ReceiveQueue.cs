using Weft.Fabric.Engine.Memory;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Queues;

/// <summary>A ring of receive work requests; under a QP or an SRQ. Grows up to its depth while warming up, then allocates nothing.</summary>
internal sealed class ReceiveQueue(int depth, int maxSge)
{
    private struct Entry
    {
        public ulong Id;
        public ulong Length;
        public int SgeCount;
    }

    private Entry[] ring = new Entry[Math.Min(depth, 4)];
    private Sge[] sges = new Sge[Math.Min(depth, 4) * maxSge];
    private int head;

    public int Depth => depth;
    public int MaxSge => maxSge;
    public int Count { get; private set; }

    /// <summary>Adds a buffer; refused whole.</summary>
    public VerbsError? Post(ulong id, ReadOnlySpan<Sge> list)
    {
        if (list.Length > maxSge) return new(VerbsErrorCode.TooManySges, $"{list.Length} elements, {maxSge} allowed");
        if (Count == depth) return new(VerbsErrorCode.QueueFull, $"{depth} receives are posted");
        if (Count == ring.Length) Grow();
        var slot = head + Count;
        if (slot >= ring.Length) slot -= ring.Length;
        ring[slot] = new() { Id = id, Length = ScatterGather.TotalLength(list), SgeCount = list.Length };
        list.CopyTo(sges.AsSpan(slot * maxSge, maxSge));
        Count++;
        return null;
    }

    /// <summary>Moves the oldest buffer into a QP's hands.</summary>
    public bool TryTake(ReceiveBuffer buffer)
    {
        if (Count == 0) return false;
        ref readonly var entry = ref ring[head];
        buffer.Load(entry.Id, entry.Length, sges.AsSpan(head * maxSge, entry.SgeCount));
        if (++head == ring.Length) head = 0;
        Count--;
        return true;
    }

    public void Clear() => (head, Count) = (0, 0);

    private void Grow()
    {
        var larger = new Entry[Math.Min(depth, ring.Length * 2)];
        var largerSges = new Sge[larger.Length * maxSge];
        for (var i = 0; i < Count; i++)
        {
            var from = (head + i) % ring.Length;
            larger[i] = ring[from];
            sges.AsSpan(from * maxSge, maxSge).CopyTo(largerSges.AsSpan(i * maxSge, maxSge));
        }
        (ring, sges, head) = (larger, largerSges, 0);
    }
}
