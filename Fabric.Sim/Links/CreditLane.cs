using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Links;

/// <summary>
/// One virtual lane of one direction: what the receiver has granted, and the frames that wait for more. Counted in blocks of 64 bytes.
/// Credits that come back later are known with their moments. IBA Vol 1 §7.9.4.
/// </summary>
internal sealed class CreditLane
{
    private const int BlockBytes = 64;
    private readonly record struct Grant(long Time, int Blocks);

    private Grant[] grants = new Grant[16];
    private int firstGrant, grantCount;
    private WaitingFrame[] waiting = new WaitingFrame[8];
    private int firstWaiting;
    private readonly int capacity;
    private int free;
    private int outstanding;

    /// <param name="capacity">Blocks of the receiver's buffer.</param>
    public CreditLane(int capacity) => this.capacity = free = capacity;

    public int WaitingCount { get; private set; }
    public ref WaitingFrame Head => ref waiting[firstWaiting];
    /// <summary>When the frame at the head got there.</summary>
    public long HeadSince { get; private set; }
    public long LastStart { get; set; }
    public bool IsPumping { get; set; }

    public static int Blocks(int length) => (length + BlockBytes - 1) / BlockBytes;

    /// <summary>Takes credits for a frame, if it is known when there will be enough: at once, or when some that are on their way have come.</summary>
    /// <param name="start">From when on the frame could leave.</param>
    /// <param name="at">When it can.</param>
    public bool TryTake(int blocks, long start, out long at)
    {
        if (!IsKnown(blocks, start, out at)) return false;
        Collect(at);
        free -= blocks;
        outstanding += blocks;
        return true;
    }

    /// <summary>When credits for a frame will be there; false when that is not known yet. Takes nothing.</summary>
    public bool IsKnown(int blocks, long start, out long at)
    {
        at = start;
        Collect(start);
        var sum = free;
        for (var i = 0; sum < blocks && i < grantCount; i++)
        {
            ref var grant = ref grants[(firstGrant + i) & (grants.Length - 1)];
            (at, sum) = (grant.Time, sum + grant.Blocks);
        }
        return sum >= blocks;
    }

    /// <summary>Credits reach the sender at a moment, past or future.</summary>
    public void Add(long time, int blocks)
    {
        blocks = Math.Min(blocks, outstanding); // a frame that came twice gives its room back once
        if (blocks == 0) return;
        outstanding -= blocks;
        if (grantCount == grants.Length) GrowGrants();
        var mask = grants.Length - 1;
        var place = grantCount++;
        for (; place > 0 && grants[(firstGrant + place - 1) & mask].Time > time; place--)
            grants[(firstGrant + place) & mask] = grants[(firstGrant + place - 1) & mask];
        grants[(firstGrant + place) & mask] = new(time, blocks);
    }

    private void Collect(long until)
    {
        while (grantCount > 0 && grants[firstGrant].Time <= until)
        {
            free += grants[firstGrant].Blocks;
            firstGrant = (firstGrant + 1) & (grants.Length - 1);
            grantCount--;
        }
    }

    public void Enqueue(in WaitingFrame frame)
    {
        if (WaitingCount == waiting.Length) GrowWaiting();
        waiting[(firstWaiting + WaitingCount) & (waiting.Length - 1)] = frame;
        if (WaitingCount++ == 0) HeadSince = frame.Since;
    }

    public WaitingFrame Dequeue(long now)
    {
        var frame = waiting[firstWaiting];
        waiting[firstWaiting] = default;
        firstWaiting = (firstWaiting + 1) & (waiting.Length - 1);
        if (--WaitingCount > 0) HeadSince = Math.Max(now, waiting[firstWaiting].Since);
        return frame;
    }

    /// <summary>The link begins anew: every buffer at its other end is empty.</summary>
    public void Reset()
    {
        (free, outstanding, grantCount, LastStart) = (capacity, 0, 0, 0);
    }

    private void GrowGrants()
    {
        var larger = new Grant[grants.Length * 2];
        for (var i = 0; i < grantCount; i++) larger[i] = grants[(firstGrant + i) & (grants.Length - 1)];
        (grants, firstGrant) = (larger, 0);
    }

    private void GrowWaiting()
    {
        var larger = new WaitingFrame[waiting.Length * 2];
        for (var i = 0; i < WaitingCount; i++) larger[i] = waiting[(firstWaiting + i) & (waiting.Length - 1)];
        (waiting, firstWaiting) = (larger, 0);
    }
}
