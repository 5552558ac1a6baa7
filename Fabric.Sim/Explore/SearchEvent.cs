namespace Weft.Fabric.Sim.Explore;

/// <summary>One event of the run that an exhaustive search is making, or has made last.</summary>
internal sealed class SearchEvent
{
    public Choose.Candidate Identity;
    /// <summary>Depth of the step at which it was chosen.</summary>
    public int Depth;
    /// <summary>What it touched, see <see cref="Footprint"/>.</summary>
    public ulong[] Touched = [];
    /// <summary>Its latest time, or that of something it took back if that is less: what is due after this comes after it.</summary>
    public long Latest;
    /// <summary>Greatest <see cref="Latest"/> of any event up to and with this one.</summary>
    public long LatestSoFar;
    /// <summary>The last event up to and with this one that keeps the natural order; -1: none.</summary>
    public int LastFixed;
    /// <summary>The last event up to and with this one that touched everything; -1: none.</summary>
    public int LastGlobal;
    /// <summary>Bit j: event j must come before this one, whatever the order.</summary>
    public ulong[] After = [];

    public bool IsGlobal => Touched.Contains(Footprint.Everything);
    public bool IsAfter(int other) => (After[other >> 6] >> (other & 63) & 1) != 0;

    public void ClearAfter(int index)
    {
        var words = (index + 63) >> 6;
        if (After.Length < words) After = new ulong[Math.Max(words, 2)];
        else Array.Clear(After);
    }

    public void AddAfter(int index, SearchEvent other)
    {
        for (var i = 0; i < (index + 63) >> 6; i++) After[i] |= other.After[i];
        After[index >> 6] |= 1UL << (index & 63);
    }

    /// <summary>Everything before an index.</summary>
    public void AddAllBefore(int index)
    {
        for (var i = 0; i < index >> 6; i++) After[i] = ulong.MaxValue;
        if ((index & 63) != 0) After[index >> 6] |= (1UL << (index & 63)) - 1;
    }
}
