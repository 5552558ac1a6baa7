using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Nodes;

namespace Weft.Fabric.Sim.Tests.InfiniBand;

/// <summary>Two leaf switches with a host and a manager on them, and two spines between: one may die.</summary>
internal sealed class ManagedFabric
{
    public ManagedFabric(ulong seed = 1, ManagerOptions? options = null)
    {
        World = new(new() { Seed = seed });
        Fabric = new(World);
        foreach (var name in new[] { "leaf1", "leaf2", "spine1", "spine2" }) Switches.Add(Fabric.AddSwitch(name, 8, new(0x5000ul + (ulong)Switches.Count * 0x100)));
        for (var leaf = 0; leaf < 2; leaf++)
            for (var spine = 0; spine < 2; spine++) Fabric.Connect(Switches[leaf].Model[7 + spine], Switches[2 + spine].Model[1 + leaf]);
        var manager = Fabric.AddAdapter("sm", new(0x900));
        Fabric.Connect(manager.Model[1], Switches[0].Model[6]);
        for (var i = 0; i < 4; i++)
        {
            var adapter = Fabric.AddAdapter($"h{i + 1}", new(0x1000ul + (ulong)i * 0x10));
            Fabric.Connect(adapter.Model[1], Switches[i % 2].Model[1 + i / 2]);
            adapter.Start(adapter.Node);
            Adapters.Add(adapter);
        }
        manager.Start(manager.Node);
        Manager = new(manager.Node, new AdapterManagementPort(manager), options);
    }

    public World World { get; }
    public IbFabric Fabric { get; }
    public List<IbSwitchNode> Switches { get; } = [];
    public List<IbAdapterNode> Adapters { get; } = [];
    public SubnetManager Manager { get; }

    public SimLink Cable(int leaf, int spine) => Fabric.CableOf(Switches[leaf].Model[7 + spine])!;
}
