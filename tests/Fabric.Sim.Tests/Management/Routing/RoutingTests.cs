using FsCheck;
using FsCheck.Fluent;
using Weft.Fabric.Sim.Management.Routing;

namespace Weft.Fabric.Sim.Tests.Management.Routing;

public sealed class RoutingTests
{
    private static readonly Config Repeatable = Config.QuickThrowOnFailure.WithReplay(0x9F3A_21C0, 7).WithMaxTest(150);

    [Fact]
    public void Ways_are_shortest_and_spread_over_the_spines()
    {
        var graph = Graphs.TwoLevel(leaves: 6, spines: 3, adapters: 3);
        var tables = new MinHopRouting().Route(graph);
        foreach (var end in graph.EndPorts)
            for (var at = 0; at < 6; at++)
                Assert.Equal(at == end.Switch ? 0 : end.Switch < 6 ? 2 : 1, Graphs.Walk(tables, at, end.Lid.Value));
        for (var leaf = 0; leaf < 6; leaf++)
        {
            var loads = Enumerable.Range(4, 3).Select(port => tables.Load(leaf, port)).ToList();
            Assert.True(loads.Max() - loads.Min() <= 1, string.Join(' ', loads));
        }
        Assert.Null(DeadlockCheck.FindCycle(tables));
    }

    [Fact]
    public void A_ring_deadlocks_by_shortest_ways_and_not_by_up_and_down()
    {
        var graph = Graphs.Ring(6, 1);
        var cycle = DeadlockCheck.FindCycle(new MinHopRouting().Route(graph));
        Assert.NotNull(cycle);
        Assert.Equal(6, cycle.Select(c => c.Switch).Distinct().Count());
        for (var i = 0; i < cycle.Count; i++) Assert.Equal(cycle[(i + 1) % cycle.Count].Switch, graph.Peer(cycle[i].Switch, cycle[i].Port));
        Assert.Null(DeadlockCheck.FindCycle(new UpDownRouting().Route(graph)));
    }

    [Fact]
    public void Roots_are_the_top_of_a_tree()
    {
        Assert.Equal(new[] { 6, 7, 8 }, RootFinder.Find(Graphs.TwoLevel(6, 3, 3)));
        Assert.Equal(Enumerable.Range(36, 9), RootFinder.Find(Graphs.ThreeLevel(3)));
        Assert.Single(RootFinder.Find(Graphs.Ring(5, 2)));
    }

    [Fact]
    public void Every_adapter_reaches_every_other_without_a_cycle_whatever_the_cables() => Check.One(Repeatable, Prop.ForAll(
        Gen.Choose(1, int.MaxValue - 1).ToArbitrary(), Gen.Choose(0, 2).ToArbitrary(), (seed, lmc) =>
        {
            var graph = Graphs.Any(new Random(seed), (byte)lmc);
            var (shortest, upDown) = (new MinHopRouting().Route(graph), new UpDownRouting([0]).Route(graph));
            Assert.Null(DeadlockCheck.FindCycle(upDown));
            var hops = new int[graph.Switches];
            var queue = new int[graph.Switches];
            foreach (var end in graph.EndPorts)
            {
                graph.Measure(end.Switch, hops, queue);
                for (var at = 0; at < graph.Switches; at++)
                    for (var lid = end.Lid.Value; lid < end.Lid.Value + end.LidCount; lid++)
                    {
                        Assert.Equal(hops[at], Graphs.Walk(shortest, at, lid));
                        Assert.True(Graphs.Walk(upDown, at, lid) >= hops[at]);
                    }
            }
        }));

    [Fact]
    public void The_lids_of_one_port_take_different_ways()
    {
        var graph = new SwitchGraph();
        graph.AddSwitch(8);
        graph.AddSwitch(8);
        for (byte port = 1; port <= 4; port++) graph.Connect(0, port, 1, port);
        graph.AddEndPort(new(new(4), 2, 0, 8));
        graph.AddEndPort(new(new(8), 2, 1, 8));
        var tables = new MinHopRouting().Route(graph);
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, tables[0][8..12].ToArray().Order());
        Assert.Equal(new byte[] { 8, 8, 8, 8 }, tables[0][4..8].ToArray());
    }

    [Fact]
    public void A_split_subnet_leaves_the_other_half_unreachable()
    {
        var graph = new SwitchGraph();
        graph.AddSwitch(2);
        graph.AddSwitch(2);
        graph.AddEndPort(new(new(1), 0, 0, 1));
        graph.AddEndPort(new(new(2), 0, 1, 1));
        foreach (RoutingEngine engine in new RoutingEngine[] { new MinHopRouting(), new UpDownRouting() })
        {
            var tables = engine.Route(graph);
            Assert.Equal(new byte[] { 0xFF, 1, 0xFF }, tables[0][..3].ToArray());
            Assert.Equal(new byte[] { 0xFF, 0xFF, 1 }, tables[1][..3].ToArray());
        }
    }

    /// <summary>Follows a packet from each member: it arrives at every other member once, and nowhere else.</summary>
    [Fact]
    public void A_multicast_tree_brings_one_copy_to_each_member() => Check.One(Repeatable, Prop.ForAll(
        Gen.Choose(1, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var graph = Graphs.Any(random);
            var members = graph.EndPorts.Where(_ => random.Next(3) == 0).ToList();
            var tree = MulticastTree.Build(graph, members);
            var entries = tree.Entries.ToDictionary(e => e.Switch, e => e.Ports);
            if (members.Count == 0) Assert.Empty(entries);
            foreach (var sender in members)
            {
                var arrived = new List<(int, int)>();
                var pending = new Queue<(int At, int From)>([(sender.Switch, sender.Port)]);
                while (pending.TryDequeue(out var here))
                    foreach (var port in entries[here.At])
                    {
                        if (port == here.From) continue;
                        if (port != 0 && graph.Peer(here.At, port) is >= 0 and var peer) pending.Enqueue((peer, graph.PeerPort(here.At, port)));
                        else arrived.Add((here.At, port));
                        Assert.True(pending.Count <= 1000);
                    }
                var expected = members.Where(m => m != sender).Select(m => (m.Switch, (int)m.Port));
                Assert.Equal(expected.Order(), arrived.Order());
            }
        }));

    [Fact]
    public void A_tree_that_leads_to_no_member_is_pruned()
    {
        var graph = Graphs.TwoLevel(leaves: 4, spines: 2, adapters: 2);
        var members = graph.EndPorts.Where(e => e.Switch is 0 or 1 && e.Port == 1).ToList();
        var tree = MulticastTree.Build(graph, members);
        Assert.Equal(new[] { (0, "1,3"), (1, "1,3"), (4, "1,2") }, tree.Entries.Select(e => (e.Switch, string.Join(',', e.Ports))));
    }
}
