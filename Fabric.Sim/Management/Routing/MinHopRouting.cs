namespace Weft.Fabric.Sim.Management.Routing;

/// <summary>Shortest ways, evenly used. May deadlock on rings and tori; see <see cref="DeadlockCheck"/>.</summary>
public sealed class MinHopRouting : RoutingEngine
{
    private int[] hops = [], queue = [];

    public override string Name => "minhop";

    protected override void Prepare(SwitchGraph graph) => (hops, queue) = (new int[graph.Switches], new int[graph.Switches]);

    protected override void FindWays(SwitchGraph graph, int destination, Span<byte> candidates, Span<int> counts)
    {
        graph.Measure(destination, hops, queue);
        for (var at = 0; at < counts.Length; at++)
        {
            counts[at] = 0;
            if (hops[at] <= 0) continue;
            var peers = graph.PeersOf(at);
            var (ways, nearer) = (graph.PortIndex(at, 0), hops[at] - 1);
            for (var port = 1; port < peers.Length; port++)
                if (peers[port] >= 0 && hops[peers[port]] == nearer) candidates[ways + counts[at]++] = (byte)port;
        }
    }
}
