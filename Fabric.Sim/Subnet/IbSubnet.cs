using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>
/// An InfiniBand subnet as its management sees it: nodes, cables, and what the agents keep. It has no clock and moves no packet; the
/// simulated World, the management port and the walk below carry packets by what stands here.
/// </summary>
public sealed class IbSubnet
{
    private readonly List<SubnetNode> nodes = [];
    private readonly Dictionary<string, SubnetNode> byId = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, SubnetNode> byGuid = [];

    /// <summary>Nodes in the order of their making.</summary>
    public IReadOnlyList<SubnetNode> Nodes => nodes;
    /// <summary>Who is told of state changes and notices.</summary>
    public ISubnetObserver? Observer { get; set; }

    /// <summary>Adds a node without cables.</summary>
    /// <exception cref="ArgumentException">Its id or GUID is taken or zero, or it has too many ports.</exception>
    public SubnetNode Add(SubnetNodeOptions options)
    {
        if (options.Guid.Value == 0) throw new ArgumentException($"node {options.Id} has no GUID", nameof(options));
        if (byId.ContainsKey(options.Id)) throw new ArgumentException($"there are two nodes {options.Id}", nameof(options));
        if (byGuid.TryGetValue(options.Guid.Value, out var other)) throw new ArgumentException($"nodes {other.Id} and {options.Id} have the same GUID {options.Guid}", nameof(options));
        var node = new SubnetNode(this, nodes.Count, options);
        nodes.Add(node);
        byId.Add(node.Id, node);
        byGuid.Add(node.Guid.Value, node);
        return node;
    }

    /// <summary>A node by its id in topology files, or null.</summary>
    public SubnetNode? Find(string id) => byId.GetValueOrDefault(id);

    /// <summary>A node by its GUID, or null.</summary>
    public SubnetNode? Find(Guid64 guid) => byGuid.GetValueOrDefault(guid.Value);

    /// <summary>A node by its id, or the first one of that description, or null.</summary>
    public SubnetNode? FindByName(string name) => Find(name) ?? nodes.Find(n => n.Description == name);

    /// <summary>The first port that owns a LID, or null. Walks all nodes: not for the packet path.</summary>
    public SubnetPort? Find(Lid lid)
    {
        foreach (var node in nodes)
        {
            foreach (var port in node.Ports)
                if (port is not null && port.Owns(lid)) return port;
        }
        return null;
    }

    /// <summary>Plugs a cable in; the link comes up to Initialize at once.</summary>
    /// <exception cref="InvalidOperationException">A port has a cable already, is port 0, or both are the same port.</exception>
    public void Connect(SubnetPort a, SubnetPort b, LinkRate? rate = null)
    {
        if (a == b || a.Peer is not null || b.Peer is not null || a.Number == 0 || b.Number == 0)
            throw new InvalidOperationException($"{a} and {b} cannot be cabled: {Occupied(a) ?? Occupied(b) ?? "a port cannot be cabled to itself"}");
        (a.Peer, b.Peer, a.IsCableCut, b.IsCableCut) = (b, a, false, false);
        if (rate is { } given)
        {
            NodeFactory.Enable(a, given);
            NodeFactory.Enable(b, given);
        }
        Links.Train(a);
    }

    private static string? Occupied(SubnetPort port) =>
        port.Number == 0 ? $"{port} has no connector" : port.Peer is { } peer ? $"{port} is cabled to {peer}" : null;

    /// <summary>Takes the cable of a port away; nothing when there is none.</summary>
    public void Disconnect(SubnetPort port)
    {
        if (port.Peer is not { } peer) return;
        (port.Peer, peer.Peer) = (null, null);
        Links.Train(port);
        Links.Train(peer);
    }

    /// <summary>Cuts the cable of a port, or mends it. The cable stays where it is.</summary>
    public void SetCable(SubnetPort port, bool isCut)
    {
        port.IsCableCut = isCut;
        if (port.Peer is { } peer) peer.IsCableCut = isCut;
        Links.Train(port);
    }

    /// <summary>Changes the capabilities of an end port, such as IsSM, and raises trap 144 when the port announces such changes. IBA Vol 1 §13.4.9.</summary>
    public void SetCapabilities(SubnetPort port, PortCapabilities capabilities)
    {
        if (port.Info.Capabilities == capabilities) return;
        port.Info.Capabilities = capabilities;
        const PortCapabilities Announces = PortCapabilities.Trap | PortCapabilities.CapabilityMaskNotice;
        if ((capabilities & Announces) == Announces) Observer?.OnNotice(port, Notices.CapabilityChange(port));
    }

    /// <summary>A port has moved; its switch notes it, and reports it when the manager has not asked for it.</summary>
    internal void PortStateChanged(SubnetPort port, bool isReported)
    {
        if (isReported && port.Node.Forwarding is { } forwarding && port.State is PortState.Down or PortState.Initialize)
        {
            var wasSet = forwarding.Info.PortStateChange;
            forwarding.Info.PortStateChange = true;
            if (!wasSet) Observer?.OnNotice(port.EndPort, Notices.PortStateChange(port.EndPort));
        }
        Observer?.OnPortState(port);
    }
}
