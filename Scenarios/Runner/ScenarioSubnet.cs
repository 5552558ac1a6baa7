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
    /// <summary>The last ports of a switch, behind those of the hosts.</summary>
    private const int MostUplinks = 4;
    private const ulong SwitchGuid = 0x0002_C903_0000_0100, ManagerGuid = 0x0002_C903_0000_9000, FirstHostGuid = 0x0002_C903_0001_0000;
    private const byte LargestMtu = (byte)PathMtu.Mtu4096;
    private readonly List<IbSwitchNode> leaves = [], spines = [];
    private readonly PathTable paths = new();
    private readonly SubnetShape shape;
    private int hosts, cabled;

    internal ScenarioSubnet(World world, SubnetShape shape, ScenarioParts parts)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.Spines, MostUplinks);
        (this.shape, Fabric) = (shape, new(world));
        for (var i = 0; i < shape.Leaves; i++) leaves.Add(AddSwitch($"s{i + 1}"));
        for (var i = 0; i < shape.Spines; i++)
        {
            spines.Add(AddSwitch($"spine{i + 1}"));
            for (var leaf = 0; leaf < leaves.Count; leaf++) Fabric.Connect(leaves[leaf].Model[shape.SwitchPorts - i], spines[i].Model[leaf + 1]);
        }
        if (shape.Manager is null) return;
        var adapter = Fabric.AddAdapter("sm", new(ManagerGuid));
        Fabric.Connect(adapter.Model[1], leaves[0].Model[shape.SwitchPorts - MostUplinks]);
        adapter.Start(adapter.Node);
        Manager = new(adapter.Node, parts.WrapPort(new AdapterManagementPort(adapter)), parts.Manage(shape.Manager));
        Manager.Start();
    }

    public IbFabric Fabric { get; }
    public IReadOnlyList<IbSwitchNode> Leaves => leaves;
    public IReadOnlyList<IbSwitchNode> Spines => spines;
    /// <summary>Who brings the subnet up; none: nobody, it is up from the start.</summary>
    public SubnetManager? Manager { get; }

    /// <summary>GUID of a host's port: what partition files name. Hosts count from 0, in the order of their creation.</summary>
    public static Guid64 PortGuid(int host) => new(FirstHostGuid + (ulong)host * 0x10 + 1);

    /// <summary>Whether a manager has brought the subnet up, and every port has heard its orders: after a lost one only the next sweep sees to that.</summary>
    public static bool IsWhole(SubnetManager manager) => manager is { IsUp: true, LastSweep.Unanswered: 0 };

    private IbSwitchNode AddSwitch(string name)
    {
        var added = Fabric.AddSwitch(name, shape.SwitchPorts, new(SwitchGuid + (ulong)(leaves.Count + spines.Count) * 0x100));
        foreach (var port in added.Model.Ports) port!.Info.MtuCap = LargestMtu;
        return added;
    }

    /// <summary>A host, its ports one after the other on the next leaves.</summary>
    internal SimHost AddHost(string name, LinkOptions links, SimHostOptions options)
    {
        var adapter = Fabric.AddAdapter(name, new(FirstHostGuid + (ulong)hosts * 0x10), options.Ports);
        hosts++;
        var cables = new List<SimLink>();
        for (var number = 1; number <= options.Ports; number++) cables.Add(Cable(adapter.Model[number], links));
        if (Manager is null) StaticSubnet.BringUp(Fabric, paths);
        return new(adapter, cables, options, Manager is null ? paths : null);
    }

    private SimLink Cable(SubnetPort port, LinkOptions links)
    {
        var leaf = leaves[cabled % leaves.Count].Model[1 + cabled / leaves.Count];
        cabled++;
        port.Info.MtuCap = LargestMtu;
        var link = Fabric.Connect(port, leaf, links);
        var mtu = Math.Min(port.Info.NeighborMtu, (byte)link.A.PathMtu);
        (port.Info.NeighborMtu, leaf.Info.NeighborMtu) = (mtu, mtu);
        return link;
    }
}
