using Weft.Fabric.Connections;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Sim.Subnet;

namespace Weft.Scenarios.Runner;

/// <summary>
/// The InfiniBand fabric of a scenario: leaf switches to which hosts are added in turn, and spines between them. A subnet manager on a host of
/// its own brings it up with packets, or it is brought up without one.
/// </summary>
public sealed class ScenarioSubnet
{
    private const int SwitchPorts = 254, FirstUplink = 240, ManagerPort = 239;
    private const ulong SwitchGuid = 0x0002_C903_0000_0100, ManagerGuid = 0x0002_C903_0000_9000, FirstHostGuid = 0x0002_C903_0001_0000;
    private const byte LargestMtu = (byte)PathMtu.Mtu4096;
    private readonly List<IbSwitchNode> leaves = [], spines = [];
    private readonly PathTable paths = new();
    private int hosts;

    internal ScenarioSubnet(World world, SubnetShape shape)
    {
        Fabric = new(world);
        for (var i = 0; i < shape.Leaves; i++) leaves.Add(AddSwitch($"s{i + 1}"));
        for (var i = 0; i < shape.Spines; i++)
        {
            spines.Add(AddSwitch($"spine{i + 1}"));
            for (var leaf = 0; leaf < leaves.Count; leaf++) Fabric.Connect(leaves[leaf].Model[FirstUplink + i], spines[i].Model[leaf + 1]);
        }
        if (shape.Manager is null) return;
        var adapter = Fabric.AddAdapter("sm", new(ManagerGuid));
        Fabric.Connect(adapter.Model[1], leaves[0].Model[ManagerPort]);
        adapter.Start(adapter.Node);
        Manager = new(adapter.Node, new AdapterManagementPort(adapter), shape.Manager);
        Manager.Start();
    }

    public IbFabric Fabric { get; }
    public IReadOnlyList<IbSwitchNode> Leaves => leaves;
    public IReadOnlyList<IbSwitchNode> Spines => spines;
    /// <summary>Who brings the subnet up; none: nobody, it is up from the start.</summary>
    public SubnetManager? Manager { get; }

    /// <summary>GUID of a host's port: what partition files name. Hosts count from 0, in the order of their creation.</summary>
    public static Guid64 PortGuid(int host) => new(FirstHostGuid + (ulong)host * 0x10 + 1);

    private IbSwitchNode AddSwitch(string name)
    {
        var added = Fabric.AddSwitch(name, SwitchPorts, new(SwitchGuid + (ulong)(leaves.Count + spines.Count) * 0x100));
        foreach (var port in added.Model.Ports) port!.Info.MtuCap = LargestMtu;
        return added;
    }

    /// <summary>A host with one port, on the next leaf.</summary>
    internal SimHost AddHost(string name, LinkOptions links, SimHostOptions options)
    {
        var adapter = Fabric.AddAdapter(name, new(FirstHostGuid + (ulong)hosts * 0x10));
        var port = adapter.Model[1];
        var leaf = leaves[hosts % leaves.Count].Model[1 + hosts / leaves.Count];
        hosts++;
        port.Info.MtuCap = LargestMtu;
        var link = Fabric.Connect(port, leaf, links);
        var mtu = Math.Min(port.Info.NeighborMtu, (byte)link.A.PathMtu);
        (port.Info.NeighborMtu, leaf.Info.NeighborMtu) = (mtu, mtu);
        if (Manager is null) StaticSubnet.BringUp(Fabric, paths);
        return new(adapter, link, options, Manager is null ? paths : null);
    }
}
