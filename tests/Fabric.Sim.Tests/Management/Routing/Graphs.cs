using Weft.Fabric.Sim.Management.Routing;

namespace Weft.Fabric.Sim.Tests.Management.Routing;

/// <summary>Graphs to route: switch LIDs follow those of the adapters.</summary>
internal static class Graphs
{
    /// <summary>Leaves with adapters below, spines above, one cable between each of them.</summary>
    public static SwitchGraph TwoLevel(int leaves, int spines, int adapters)
    {
        var graph = new SwitchGraph();
        for (var leaf = 0; leaf < leaves; leaf++) graph.AddSwitch(adapters + spines);
        for (var spine = 0; spine < spines; spine++)
        {
            graph.AddSwitch(leaves);
            for (var leaf = 0; leaf < leaves; leaf++) graph.Connect(leaf, (byte)(adapters + spine + 1), leaves + spine, (byte)(leaf + 1));
        }
        Populate(graph, leaves, adapters);
        return graph;
    }

    /// <summary>A fat tree of three levels of switches with 2k ports: k x k adapters in each of 2k pods.</summary>
    public static SwitchGraph ThreeLevel(int k)
    {
        var graph = new SwitchGraph();
        var (pods, edge) = (2 * k, 2 * k * k);
        for (var i = 0; i < edge * 2 + k * k; i++) graph.AddSwitch(2 * k);
        for (var pod = 0; pod < pods; pod++)
            for (var low = 0; low < k; low++)
                for (var high = 0; high < k; high++)
                {
                    graph.Connect(pod * k + low, (byte)(k + high + 1), edge + pod * k + high, (byte)(low + 1));
                    graph.Connect(edge + pod * k + high, (byte)(k + low + 1), edge * 2 + high * k + low, (byte)(pod + 1));
                }
        Populate(graph, edge, k);
        return graph;
    }

    public static SwitchGraph Ring(int switches, int adapters)
    {
        var graph = new SwitchGraph();
        for (var i = 0; i < switches; i++) graph.AddSwitch(adapters + 2);
        for (var i = 0; i < switches; i++) graph.Connect(i, (byte)(adapters + 1), (i + 1) % switches, (byte)(adapters + 2));
        Populate(graph, switches, adapters);
        return graph;
    }

    /// <summary>A connected graph of random cables.</summary>
    public static SwitchGraph Any(Random random, byte lmc = 0)
    {
        var graph = new SwitchGraph();
        var switches = random.Next(1, 24);
        for (var i = 0; i < switches; i++) graph.AddSwitch(40);
        var used = new byte[switches];
        void Cable(int a, int b)
        {
            if (a != b && used[a] < 30 && used[b] < 30) graph.Connect(a, (byte)(10 + ++used[a]), b, (byte)(10 + ++used[b]));
        }
        for (var i = 1; i < switches; i++) Cable(i, random.Next(i));
        for (var i = random.Next(switches * 3); i > 0; i--) Cable(random.Next(switches), random.Next(switches));
        Populate(graph, switches, random.Next(1, 4), lmc);
        return graph;
    }

    private static void Populate(SwitchGraph graph, int leaves, int adapters, byte lmc = 0)
    {
        var lid = 1 << lmc;
        for (var at = 0; at < leaves; at++)
            for (var port = 1; port <= adapters; port++, lid += 1 << lmc) graph.AddEndPort(new(new((ushort)lid), lmc, at, (byte)port));
        for (var at = 0; at < graph.Switches; at++, lid++) graph.AddEndPort(new(new((ushort)lid), 0, at, 0));
    }

    /// <summary>Switches on the way of a LID from a switch; -1 when it gets lost or goes round.</summary>
    public static int Walk(RoutingTables tables, int from, int lid)
    {
        var at = from;
        for (var hops = 0; hops <= tables.Graph.Switches; hops++)
        {
            var port = tables[at][lid];
            if (port == RoutingTables.Unreachable) return -1;
            if (tables.Graph.EndPorts.Any(e => e.Switch == at && e.Port == port && lid >= e.Lid.Value && lid < e.Lid.Value + e.LidCount)) return hops;
            at = tables.Graph.Peer(at, port);
            if (at < 0) return -1;
        }
        return -1;
    }
}
