using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Wire;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Nodes;

/// <summary>
/// A subnet in a world: its switches forward, its adapters are hosts' HCAs, its cables are links; what subnet management writes into the
/// node model takes effect on packets, and what happens to cables and nodes is seen by it.
/// </summary>
public sealed class IbFabric : ISubnetObserver
{
    private readonly Dictionary<SubnetNode, IbSwitchNode> switches = [];
    private readonly Dictionary<SubnetNode, IbAdapterNode> adapters = [];
    private readonly List<(SubnetPort A, SubnetPort B, SimLink Link)> cables = [];

    /// <param name="subnet">Its node model; empty, or a topology that <see cref="Build"/> then brings into the world.</param>
    public IbFabric(World world, IbSubnet? subnet = null)
    {
        (World, Subnet) = (world, subnet ?? new());
        if (Subnet.Observer is not null) throw new InvalidOperationException("the subnet is in a world already");
        Subnet.Observer = this;
    }

    public World World { get; }
    public IbSubnet Subnet { get; }
    public IEnumerable<IbSwitchNode> Switches => Subnet.Nodes.Where(switches.ContainsKey).Select(n => switches[n]);
    public IEnumerable<IbAdapterNode> Adapters => Subnet.Nodes.Where(adapters.ContainsKey).Select(n => adapters[n]);

    public IbSwitchNode AddSwitch(string name, int portCount, Guid64 guid, IbSwitchOptions? options = null) =>
        Place(Subnet.Add(new() { Id = name, Type = NodeType.Switch, PortCount = portCount, Guid = guid, Description = name }), name, options ?? new());

    /// <summary>A host with an adapter. Cable its ports, then start it.</summary>
    public IbAdapterNode AddAdapter(string name, Guid64 guid, int portCount = 1) =>
        Place(Subnet.Add(new() { Id = name, Type = NodeType.Ca, PortCount = portCount, Guid = guid, Description = name }), name);

    private IbSwitchNode Place(SubnetNode model, string name, IbSwitchOptions options) =>
        switches[model] = new(this, World.AddShared(name), model, options);

    private IbAdapterNode Place(SubnetNode model, string name) => adapters[model] = new(this, World.AddHost(name), model);

    /// <summary>Brings a whole topology into the world: nodes by their ids, and every cable that is plugged. Adapters are not started.</summary>
    public void Build(LinkOptions? links = null, IbSwitchOptions? options = null)
    {
        foreach (var node in Subnet.Nodes)
        {
            if (node.IsSwitch) Place(node, node.Id, options ?? new());
            else Place(node, node.Id);
        }
        var plugged = Subnet.Nodes.SelectMany(node => node.Ports.ToArray()).Where(port => port?.Peer is { } peer && Comes(port, before: peer)).Select(port => port!);
        // The ports of an adapter are plugged in their order, whatever the order of the switches that they lead to.
        foreach (var port in plugged.OrderBy(port => Math.Max(HostPort(port), HostPort(port.Peer!)))) Lay(port, port.Peer!, links ?? new());
    }

    private static bool Comes(SubnetPort port, SubnetPort before) => (port.Node.Index, port.Number).CompareTo((before.Node.Index, before.Number)) < 0;

    private static int HostPort(SubnetPort port) => port.Node.IsSwitch ? 0 : port.Number;

    /// <summary>Plugs a cable between two ports.</summary>
    /// <param name="options">Its type is InfiniBand, whatever stands there.</param>
    public SimLink Connect(SubnetPort a, SubnetPort b, LinkOptions? options = null)
    {
        Subnet.Connect(a, b);
        return Lay(a, b, options ?? new());
    }

    private SimLink Lay(SubnetPort a, SubnetPort b, LinkOptions options)
    {
        var link = World.Connect(NodeOf(a), NodeOf(b), options with { Type = LinkType.InfiniBand });
        cables.Add((a, b, link));
        Plug(link.A, a);
        Plug(link.B, b);
        return link;
    }

    private SimNode NodeOf(SubnetPort port) => switches.TryGetValue(port.Node, out var known) ? known.Node : adapters[port.Node].Node;

    private void Plug(LinkPort link, SubnetPort port)
    {
        if (switches.TryGetValue(port.Node, out var known)) known.Plug(link, port.Number);
        else adapters[port.Node].Plug(link, port.Number);
    }

    /// <summary>The cable of a port, or null.</summary>
    public SimLink? CableOf(SubnetPort port) => cables.Find(c => c.A == port || c.B == port).Link;

    public IbAdapterNode AdapterOf(SubnetNode node) => adapters[node];

    /// <summary>One end of a cable has seen it come or go.</summary>
    internal void CableChanged(SubnetPort port, bool isUp)
    {
        if (port.IsCableCut != isUp) return;
        Subnet.SetCable(port, !isUp);
    }

    void ISubnetObserver.OnPortState(SubnetPort port) => Refresh(port);

    void ISubnetObserver.OnSet(SubnetPort port)
    {
        if (adapters.TryGetValue(port.Node, out var adapter)) adapter.Refresh(port.Number);
        else if (switches.TryGetValue(port.Node, out var known)) known.Refresh();
    }

    /// <summary>The node model was changed by something else than packets: what is kept at hand follows.</summary>
    public void Refresh(SubnetPort port)
    {
        if (adapters.TryGetValue(port.Node, out var adapter)) adapter.Refresh(port.Number);
        else if (switches.TryGetValue(port.Node, out var known)) known.Refresh(port.Number);
    }

    void ISubnetObserver.OnNotice(SubnetPort endPort, in Notice notice)
    {
        if (adapters.TryGetValue(endPort.Node, out var adapter)) adapter.Raise(endPort, notice);
        else if (switches.TryGetValue(endPort.Node, out var known)) known.Raise(notice);
    }
}
