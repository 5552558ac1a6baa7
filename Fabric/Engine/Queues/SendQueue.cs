using System.Numerics;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Queues;

/// <summary>
/// A ring of send work requests with their scatter/gather lists and inline data beside them. Positions count up for ever;
/// the ring grows up to its depth while warming up, then allocates nothing. One that was empty fills from its first place again: few
/// requests under way touch few cache lines.
/// </summary>
internal sealed class SendQueue
{
    private readonly int maxSge, maxInline;
    private SendWqe[] ring;
    private Sge[] sges;
    private byte[] inlineData;
    private int mask;
    private ulong origin;

    public SendQueue(int depth, int maxSge, int maxInline)
    {
        (Depth, this.maxSge, this.maxInline) = (depth, maxSge, maxInline);
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(depth, 4));
        ring = new SendWqe[size];
        sges = new Sge[size * maxSge];
        inlineData = maxInline == 0 ? [] : new byte[size * maxInline];
        mask = size - 1;
    }

    public int Depth { get; }
    public int MaxSge => maxSge;
    public int MaxInline => maxInline;
    /// <summary>Position of the oldest request.</summary>
    public ulong Head { get; private set; }
    /// <summary>Position that the next request gets.</summary>
    public ulong Tail { get; private set; }
    public bool IsEmpty => Head == Tail;
    public bool IsFull => Tail - Head == (ulong)Depth;

    public ref SendWqe this[ulong position] => ref ring[SlotOf(position)];

    public ReadOnlySpan<Sge> SgesOf(ulong position)
    {
        var slot = SlotOf(position);
        return sges.AsSpan(slot * maxSge, ring[slot].SgeCount);
    }

    public Span<byte> InlineOf(ulong position) => inlineData.AsSpan(SlotOf(position) * maxInline, maxInline);

    private int SlotOf(ulong position) => (int)(position - origin) & mask;

    /// <summary>Adds a request to a queue that is not full.</summary>
    public void Add(in SendRequest request, ReadOnlySpan<Sge> list, uint length)
    {
        if (IsEmpty) origin = Tail;
        else if (Tail - Head == (ulong)ring.Length) Grow();
        var slot = SlotOf(Tail);
        ref var wqe = ref ring[slot];
        wqe.Request = request;
        wqe.Length = length;
        wqe.SgeCount = list.Length;
        wqe.State = WqeState.Posted;
        wqe.Status = CompletionStatus.Success;
        wqe.IsRetried = false;
        wqe.FirstPsn = default;
        wqe.PacketCount = 0;
        list.CopyTo(sges.AsSpan(slot * maxSge, maxSge));
        Tail++;
    }

    public void RemoveHead() => Head++;

    public void Clear() => Head = Tail = origin = 0;

    private void Grow()
    {
        var size = ring.Length * 2;
        var newRing = new SendWqe[size];
        var newSges = new Sge[size * maxSge];
        var newInline = maxInline == 0 ? inlineData : new byte[size * maxInline];
        for (var position = Head; position != Tail; position++)
        {
            int from = SlotOf(position), to = (int)(position - origin) & (size - 1);
            newRing[to] = ring[from];
            sges.AsSpan(from * maxSge, maxSge).CopyTo(newSges.AsSpan(to * maxSge));
            inlineData.AsSpan(from * maxInline, maxInline).CopyTo(newInline.AsSpan(to * maxInline));
        }
        (ring, sges, inlineData, mask) = (newRing, newSges, newInline, size - 1);
    }
}
