using Weft.Fabric.Connections;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Nodes;

namespace Weft.Scenarios.Runner;

/// <summary>The InfiniBand fabric of a scenario: one switch, to which hosts are added as they come; brought up without a manager.</summary>
public sealed class ScenarioSubnet
{
    private const int SwitchPorts = 254;
    private const ulong SwitchGuid = 0x0002_C903_0000_0100, FirstHostGuid = 0x0002_C903_0001_0000;
    private const byte LargestMtu = (byte)PathMtu.Mtu4096;

    private int hosts;

    internal ScenarioSubnet(World world)
    {
        Fabric = new(world);
        Switch = Fabric.AddSwitch("s1", SwitchPorts, new(SwitchGuid));
        foreach (var port in Switch.Model.Ports) port!.Info.MtuCap = LargestMtu;
    }

    public IbFabric Fabric { get; }
    public IbSwitchNode Switch { get; }
    public PathTable Paths { get; } = new();

    /// <summary>A host with one port on the switch.</summary>
    internal SimHost AddHost(string name, LinkOptions links, SimHostOptions options)
    {
        var adapter = Fabric.AddAdapter(name, new(FirstHostGuid + (ulong)hosts++ * 0x10));
        adapter.Model[1].Info.MtuCap = LargestMtu;
        var link = Fabric.Connect(adapter.Model[1], Switch.Model[hosts], links);
        foreach (var port in (ReadOnlySpan<Fabric.Sim.Subnet.SubnetPort>)[adapter.Model[1], Switch.Model[hosts]])
            port.Info.NeighborMtu = Math.Min(port.Info.NeighborMtu, (byte)link.A.PathMtu);
        StaticSubnet.BringUp(Fabric, Paths);
        return new(adapter, link, options, Paths);
    }
}
