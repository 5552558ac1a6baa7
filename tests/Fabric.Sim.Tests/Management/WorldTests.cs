using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Management.Checks;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Sim.Subnet.Topologies;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.Management;

/// <summary>The manager by packets through a simulated world.</summary>
public sealed class WorldTests
{
    internal static readonly ManagerOptions Quick = new() { PollInterval = Duration.FromMilliseconds(300), PollRetries = 2, ResponseTimeout = Duration.FromMilliseconds(50) };

    internal static (World World, IbFabric Fabric) Build(int lossPpm = 0, ulong seed = 1)
    {
        var world = new World(new() { Seed = seed });
        var fabric = new IbFabric(world, TopologyGenerator.TwoLevelFatTree(leaves: 2, down: 3, spines: 2, radix: 6, Sim.Subnet.LinkRate.Edr4X));
        fabric.Build(new LinkOptions { Impairments = new() { LossPpm = lossPpm } });
        foreach (var adapter in fabric.Adapters) adapter.Start(adapter.Node, new Weft.Fabric.Connections.PathTable());
        return (world, fabric);
    }

    internal static SubnetManager Manager(IbFabric fabric, int host, ManagerOptions options)
    {
        var adapter = fabric.Adapters.ElementAt(host);
        return new(adapter.Node, new AdapterManagementPort(adapter), options);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50_000)] // one packet in twenty is lost on every link
    public void A_subnet_comes_up_by_packets_even_when_some_are_lost(int lossPpm)
    {
        var (world, fabric) = Build(lossPpm);
        var manager = Manager(fabric, 0, Quick);
        var result = world.Run(async w =>
        {
            manager.Start();
            await w.Until(() => manager.IsUp && Reachability.Measure(fabric.Subnet) is { Ports.Count: 10 } reach && reach.FindCutOff() is null, "the subnet is up", Duration.FromSeconds(120));
            manager.Stop();
        });
        Assert.True(result.HasPassed, result.ToString());
        if (lossPpm == 0) Assert.Equal((4, 6, 0L), (manager.LastSweep!.Switches, manager.LastSweep.Adapters, manager.LastSweep.Unanswered));
    }

    [Fact]
    public void A_dead_switch_is_routed_around_and_a_dead_master_followed()
    {
        var (world, fabric) = Build();
        var (master, standby) = (Manager(fabric, 0, Quick with { Priority = 2 }), Manager(fabric, 5, Quick));
        var result = world.Run(async w =>
        {
            master.Start();
            await w.Until(() => master.IsUp, "a master");
            standby.Start();
            await w.Until(() => standby.State == SmState.Standby, "a standby");
            fabric.Adapters.First().Node.Kill(linksDown: false);
            await w.Until(() => standby.IsUp, "the standby takes over", Duration.FromSeconds(10));
            Assert.Equal(5, standby.LastSweep!.Adapters);
            fabric.Switches.Last().Node.Kill();
            await w.Until(() => standby.LastSweep.Switches == 3, "the dead switch is noticed", Duration.FromSeconds(30));
            Assert.Null(Reachability.Measure(fabric.Subnet).FindCutOff() is { } pair && pair.From.Node != fabric.Adapters.First().Model && pair.To.Node != fabric.Adapters.First().Model
                && !pair.From.Node.IsSwitch && !pair.To.Node.IsSwitch ? pair.ToString() : null);
            standby.Stop();
        });
        Assert.True(result.HasPassed, result.ToString());
    }
}
