namespace Weft.Fabric.Wire;

/// <summary>
/// One packet on its way, in a pooled buffer. The transport part (BTH onwards) always starts at <see cref="TransportOffset"/>,
/// so that link headers of any kind are written in front of it without a copy.
/// Ownership: whoever holds a reference releases it once; <see cref="AddReference"/> before handing it to a second holder.
/// A frame with more than one reference is read-only.
/// </summary>
public sealed class Frame
{
    /// <summary>Room for Ethernet with VLAN (18), IPv6 (40) and UDP (8), or LRH (8) and GRH (40): 66, rounded up.</summary>
    public const int TransportOffset = 72;

    private readonly FramePool pool;
    private int references;

    /// <summary>Intrusive link for whoever owns the frame now (a link's queue, the pool).</summary>
    public Frame? Next;
    /// <summary>Chains every frame of a pool, for <see cref="FramePool.Reclaim"/>.</summary>
    internal Frame? NextMade;

    internal Frame(FramePool pool, int capacity, bool isPinned)
    {
        this.pool = pool;
        Buffer = GC.AllocateUninitializedArray<byte>(capacity, isPinned);
    }

    public byte[] Buffer { get; }
    /// <summary>Where the link-layer header starts.</summary>
    public int Start { get; set; }
    /// <summary>Where the last byte ends (ICRC, or VCRC on InfiniBand; the Ethernet FCS is never present).</summary>
    public int End { get; set; }
    public int Length => End - Start;
    public int References => references;
    public Span<byte> Span => Buffer.AsSpan(Start, End - Start);
    public Span<byte> Transport => Buffer.AsSpan(TransportOffset, End - TransportOffset);

    public void AddReference() => references++;

    /// <summary>Gives one reference up; with the last one the buffer returns to its pool.</summary>
    public void Release()
    {
        if (--references == 0) pool.Return(this);
        else if (references < 0) throw new InvalidOperationException("frame released more often than it was referenced");
    }

    internal void Reset()
    {
        references = 1;
        Start = End = TransportOffset;
        Next = null;
    }
}
