using Weft.Fabric.Connections;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Sim.Subnet;

namespace Weft.Fabric.Sim.Tests.InfiniBand;

/// <summary>Hosts on one switch, or on two with a cable between them, brought up without a manager.</summary>
internal sealed class SwitchedFabric
{
    public SwitchedFabric(int hosts, int switches = 1, LinkOptions? hostLinks = null, LinkOptions? trunk = null, ulong seed = 1, Action<IbSubnet>? configure = null, LinkOptions? secondHost = null)
    {
        World = new(new() { Seed = seed });
        Fabric = new(World);
        for (var i = 0; i < switches; i++) Switches.Add(Fabric.AddSwitch($"s{i + 1}", 8, new(0x5000ul + (ulong)i * 0x100)));
        for (var i = 0; i < hosts; i++)
        {
            var adapter = Fabric.AddAdapter($"h{i + 1}", new(0x1000ul + (ulong)i * 0x10));
            Fabric.Connect(adapter.Model[1], Switches[i % switches].Model[1 + i / switches], i == 1 ? secondHost ?? hostLinks : hostLinks);
            Adapters.Add(adapter);
        }
        for (var i = 1; i < switches; i++) Trunk = Fabric.Connect(Switches[i - 1].Model[8], Switches[i].Model[7], trunk ?? hostLinks);
        configure?.Invoke(Fabric.Subnet);
        StaticSubnet.BringUp(Fabric, Paths);
        foreach (var adapter in Adapters) Hosts.Add(new(adapter, Paths));
    }

    public World World { get; }
    public IbFabric Fabric { get; }
    public List<IbSwitchNode> Switches { get; } = [];
    public List<IbAdapterNode> Adapters { get; } = [];
    public List<VerbsHost> Hosts { get; } = [];
    public PathTable Paths { get; } = new();
    public SimLink? Trunk { get; }

    public void Run()
    {
        var result = World.RunUntilIdle();
        Assert.True(result.HasPassed, result.ToString());
        var left = World.Quiescence();
        Assert.True(left.IsQuiet, left.ToString());
    }
}
