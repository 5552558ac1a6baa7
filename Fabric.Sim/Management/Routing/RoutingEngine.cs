namespace Weft.Fabric.Sim.Management.Routing;

/// <summary>
/// Fills forwarding tables. One search for each switch that LIDs end at, not for each LID: what hangs on the same switch shares the ways to
/// it, and only spreads over them.
/// </summary>
public abstract class RoutingEngine
{
    /// <summary>Name as on a command line: <c>minhop</c> or <c>updn</c>, as OpenSM has it.</summary>
    public abstract string Name { get; }

    /// <summary>Routes everything.</summary>
    public RoutingTables Route(SwitchGraph graph)
    {
        var tables = new RoutingTables(graph);
        var bySwitch = Group(graph);
        var candidates = new byte[graph.Ports];
        var counts = new int[graph.Switches];
        Prepare(graph);
        for (var destination = 0; destination < graph.Switches; destination++)
        {
            var ends = bySwitch[destination];
            if (ends.Count == 0) continue;
            foreach (var end in ends) tables.SetDirect(end);
            FindWays(graph, destination, candidates, counts);
            for (var at = 0; at < graph.Switches; at++)
            {
                if (at == destination || counts[at] == 0) continue;
                var ways = candidates.AsSpan(graph.PortIndex(at, 0), counts[at]);
                foreach (var end in ends) tables.Spread(at, end, ways);
            }
        }
        return tables;
    }

    /// <summary>Once before the ways are asked for.</summary>
    protected virtual void Prepare(SwitchGraph graph)
    {
    }

    /// <summary>
    /// For each switch, the ports over which packets for <paramref name="destination"/> may leave: written from the switch's
    /// <see cref="SwitchGraph.PortIndex"/> of port 0 on, as many as <paramref name="counts"/> then says.
    /// </summary>
    protected abstract void FindWays(SwitchGraph graph, int destination, Span<byte> candidates, Span<int> counts);

    private static List<EndPort>[] Group(SwitchGraph graph)
    {
        var groups = new List<EndPort>[graph.Switches];
        for (var i = 0; i < groups.Length; i++) groups[i] = [];
        foreach (var end in graph.EndPorts) groups[end.Switch].Add(end);
        foreach (var group in groups) group.Sort((a, b) => a.Lid.Value.CompareTo(b.Lid.Value));
        return groups;
    }
}
