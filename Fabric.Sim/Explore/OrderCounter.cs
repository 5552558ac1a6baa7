namespace Weft.Fabric.Sim.Explore;

/// <summary>
/// Counts the orders of a run's events that are equivalent to the one made: all that keep what <see cref="RaceFinder"/> found must come
/// first. It goes through the sets of events that can have run at some moment, each told by how many of the first have run without a gap and
/// which of the next 64 have run besides.
/// </summary>
internal sealed class OrderCounter
{
    private const int StateLimit = 100_000;
    private const int Reach = 64;

    private Dictionary<(int First, ulong More), double> layer = [];
    private Dictionary<(int First, ulong More), double> next = [];
    private int[] barrier = [];

    /// <param name="isExact">False: there are more than could be counted; the answer is 1.</param>
    /// <returns>Exact below 2^53.</returns>
    public double Count(List<SearchEvent> events, int count, out bool isExact)
    {
        isExact = true;
        FindBarriers(events, count);
        layer.Clear();
        layer.Add((0, 0), 1);
        var states = 0;
        for (var step = 0; step < count; step++)
        {
            next.Clear();
            foreach (var ((first, more), ways) in layer)
            {
                var end = Math.Min(barrier[first], first + 1 + Reach);
                if (barrier[first] > end || (states += 1) > StateLimit)
                {
                    isExact = false;
                    return 1;
                }
                for (var j = first; j < end; j++)
                {
                    if (j > first && ((more >> (j - first - 1) & 1) != 0 || !MayRun(events[j], j, first, more))) continue;
                    var then = Add(first, more, j);
                    next[then] = next.GetValueOrDefault(then) + ways;
                }
            }
            (layer, next) = (next, layer);
        }
        return layer.Values.Sum();
    }

    // barrier[i]: all events from there on come after event i.
    private void FindBarriers(List<SearchEvent> events, int count)
    {
        if (barrier.Length < count) barrier = new int[count * 2];
        for (var i = 0; i < count; i++)
        {
            var end = count;
            while (end > i + 1 && events[end - 1].IsAfter(i)) end--;
            barrier[i] = end;
        }
    }

    private static bool MayRun(SearchEvent candidate, int index, int first, ulong more)
    {
        for (var k = first; k < index; k++)
        {
            if (candidate.IsAfter(k) && (k == first || (more >> (k - first - 1) & 1) == 0)) return false;
        }
        return true;
    }

    // Bit 0 of the rest is the event after the first that is missing.
    private static (int First, ulong More) Add(int first, ulong more, int index)
    {
        if (index > first) return (first, more | 1UL << (index - first - 1));
        first++;
        while ((more & 1) != 0)
        {
            first++;
            more >>= 1;
        }
        return (first, more >> 1);
    }
}
