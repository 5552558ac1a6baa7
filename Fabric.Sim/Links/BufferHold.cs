namespace Weft.Fabric.Sim.Links;

/// <summary>
/// Room that a frame takes up in the input buffer of a switch, until its last copy has left. Pooled by the direction that the frame came in by.
/// </summary>
internal sealed class BufferHold(VirtualLanes owner)
{
    private int users;
    private long lastLeft;

    public byte Lane { get; private set; }
    public int Blocks { get; private set; }
    /// <summary>Of the link's life in which the frame came in.</summary>
    public int Epoch { get; private set; }

    public void Begin(byte lane, int blocks, int epoch)
    {
        (Lane, Blocks, Epoch) = (lane, blocks, epoch);
        (users, lastLeft) = (1, 0);
    }

    /// <summary>One more copy of the frame waits somewhere.</summary>
    public void Share() => users++;

    /// <summary>A copy has left, or is dropped: with the last one the room is free again.</summary>
    /// <param name="at">When, in nanoseconds.</param>
    public void Release(long at)
    {
        lastLeft = Math.Max(lastLeft, at);
        if (--users == 0) owner.Free(this, lastLeft);
    }
}
