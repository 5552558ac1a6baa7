namespace Weft.Fabric.Wire;

/// <summary>
/// A stack of frames of one size, for one thread. Grows while a run warms up, then allocates nothing.
/// </summary>
public sealed class FramePool
{
    /// <summary>Largest frame: 4096 bytes of payload, every extended header, ICRC, VCRC, and a jumbo Ethernet frame's rest.</summary>
    public const int DefaultCapacity = Frame.TransportOffset + 9216;

    private readonly int capacity;
    private readonly bool isPinned;
    private Frame? free;
    private Frame? made;

    /// <param name="isPinned">Buffers never move, so that the operating system may be given their addresses.</param>
    public FramePool(int capacity = DefaultCapacity, bool isPinned = false) => (this.capacity, this.isPinned) = (capacity, isPinned);

    /// <summary>Frames handed out and not yet back: zero when a world is quiescent.</summary>
    public int Outstanding { get; private set; }
    /// <summary>Frames ever made.</summary>
    public int Allocated { get; private set; }

    /// <summary>An empty frame with one reference; Start and End are both at <see cref="Frame.TransportOffset"/>.</summary>
    public Frame Rent()
    {
        var frame = free;
        if (frame is null)
        {
            frame = new Frame(this, capacity, isPinned) { NextMade = made };
            made = frame;
            Allocated++;
        }
        else free = frame.Next;
        frame.Reset();
        Outstanding++;
        return frame;
    }

    /// <summary>A private copy of a frame that others still hold.</summary>
    public Frame Copy(Frame source)
    {
        var copy = Rent();
        source.Span.CopyTo(copy.Buffer.AsSpan(source.Start));
        copy.Start = source.Start;
        copy.End = source.End;
        return copy;
    }

    /// <summary>
    /// Takes every frame back, whoever holds it: for the pool's owner, once all holders are gone (a world that was abandoned half-way).
    /// </summary>
    public void Reclaim()
    {
        if (Outstanding == 0) return;
        free = null;
        for (var frame = made; frame is not null; frame = frame.NextMade)
        {
            frame.Next = free;
            free = frame;
        }
        Outstanding = 0;
    }

    internal void Return(Frame frame)
    {
        Outstanding--;
        frame.Next = free;
        free = frame;
    }
}
