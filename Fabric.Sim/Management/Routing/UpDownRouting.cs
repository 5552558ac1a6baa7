namespace Weft.Fabric.Sim.Management.Routing;

/// <summary>
/// Up*/Down* routing: every switch has a rank, its distance from the roots, and a path that has once gone down never goes up again. So no
/// cycle of waiting buffers can close. Among equals of one rank the lower number counts as higher up.
/// Where a switch can reach the destination by going down alone it must: its neighbours above rely on that. Roots do not reach each
/// other's own LIDs, as there is no way between them but down and up; nothing but management would use it.
/// </summary>
public sealed class UpDownRouting(IReadOnlyList<int>? roots = null) : RoutingEngine
{
    private int[] ranks = [], distances = [], queue = [];
    private bool[] descends = [];
    private int[][] buckets = [];

    public override string Name => "updn";
    /// <summary>Roots that were used: those given, or those found.</summary>
    public IReadOnlyList<int> Roots { get; private set; } = roots ?? [];

    protected override void Prepare(SwitchGraph graph)
    {
        var count = graph.Switches;
        if (roots is null) Roots = RootFinder.Find(graph);
        (ranks, distances, queue, descends) = (new int[count], new int[count], new int[count], new bool[count]);
        Rank(graph);
        buckets = [queue, new int[count]];
    }

    private void Rank(SwitchGraph graph)
    {
        Array.Fill(ranks, int.MaxValue);
        var filled = 0;
        foreach (var root in Roots)
        {
            ranks[root] = 0;
            queue[filled++] = root;
        }
        for (var head = 0; head < filled; head++)
            foreach (var peer in graph.PeersOf(queue[head]))
            {
                if (peer < 0 || ranks[peer] != int.MaxValue) continue;
                ranks[peer] = ranks[queue[head]] + 1;
                queue[filled++] = peer;
            }
    }

    private bool IsUp(int from, int to) => ranks[to] != ranks[from] ? ranks[to] < ranks[from] : to < from;

    protected override void FindWays(SwitchGraph graph, int destination, Span<byte> candidates, Span<int> counts)
    {
        Array.Fill(distances, -1);
        Array.Clear(descends);
        MeasureDown(graph, destination);
        MeasureUp(graph);
        for (var at = 0; at < counts.Length; at++)
        {
            counts[at] = 0;
            if (at == destination || distances[at] < 0) continue;
            var peers = graph.PeersOf(at);
            var ways = graph.PortIndex(at, 0);
            for (var port = 1; port < peers.Length; port++)
            {
                var peer = peers[port];
                if (peer < 0 || distances[peer] != distances[at] - 1) continue;
                if (descends[at] ? descends[peer] && !IsUp(at, peer) : IsUp(at, peer)) candidates[ways + counts[at]++] = (byte)port;
            }
        }
    }

    // Backwards from the destination along hops that lead down to it.
    private void MeasureDown(SwitchGraph graph, int destination)
    {
        (distances[destination], descends[destination]) = (0, true);
        queue[0] = destination;
        var filled = 1;
        for (var head = 0; head < filled; head++)
        {
            var at = queue[head];
            foreach (var peer in graph.PeersOf(at))
            {
                if (peer < 0 || distances[peer] >= 0 || IsUp(peer, at)) continue;
                (distances[peer], descends[peer]) = (distances[at] + 1, true);
                queue[filled++] = peer;
            }
        }
    }

    // Then everybody else climbs towards one of those, over the shortest way: distances in rising order, two buckets at a time.
    private void MeasureUp(SwitchGraph graph)
    {
        var (current, next) = (buckets[0], buckets[1]);
        var pending = 0;
        for (var at = 0; at < distances.Length; at++) pending += distances[at] >= 0 ? 1 : 0;
        var count = 0;
        for (var distance = 0; pending > 0 || count > 0; distance++)
        {
            for (var at = 0; at < distances.Length; at++)
                if (descends[at] && distances[at] == distance)
                {
                    current[count++] = at;
                    pending--;
                }
            var found = 0;
            for (var i = 0; i < count; i++)
                foreach (var peer in graph.PeersOf(current[i]))
                {
                    if (peer < 0 || distances[peer] >= 0 || !IsUp(peer, current[i])) continue;
                    distances[peer] = distance + 1;
                    next[found++] = peer;
                }
            (current, next, count) = (next, current, found);
        }
    }
}
