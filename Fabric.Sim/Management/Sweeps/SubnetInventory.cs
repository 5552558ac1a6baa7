using Weft.Fabric.Sim.Management.Routing;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>What one sweep found: nodes, cables, and the ports that have LIDs. Node 0 is the manager's own.</summary>
internal sealed class SubnetInventory
{
    private readonly Dictionary<ulong, ManagedNode> byGuid = [];
    private readonly Dictionary<ulong, ManagedPort> byPortGuid = [];
    private ManagedPort?[] byLid = [];

    public List<ManagedNode> Nodes { get; } = [];
    /// <summary>Port that the manager runs on.</summary>
    public ManagedPort Own { get; set; } = null!;
    public RoutingTables? Tables { get; set; }
    /// <summary>Switches by their number in <see cref="Tables"/>.</summary>
    public List<ManagedNode> Switches { get; } = [];

    public ManagedNode Add(in NodeInfo info)
    {
        var node = new ManagedNode(Nodes.Count, info);
        Nodes.Add(node);
        byGuid.Add(node.Guid.Value, node);
        return node;
    }

    public ManagedNode? Find(Guid64 node) => byGuid.GetValueOrDefault(node.Value);

    /// <summary>End port by its GUID. Complete once LIDs are assigned.</summary>
    public ManagedPort? FindPort(Guid64 port) => byPortGuid.GetValueOrDefault(port.Value);

    public ManagedPort? FindPort(Lid lid) => lid.Value < byLid.Length ? byLid[lid.Value] : null;

    /// <summary>End ports of the nodes that were read completely.</summary>
    public IEnumerable<ManagedPort> EndPorts
    {
        get
        {
            foreach (var node in Nodes)
            {
                if (node.IsBroken) continue;
                foreach (var port in node.EndPorts) yield return port;
            }
        }
    }

    /// <summary>Makes ports findable by GUID and LID.</summary>
    public void Index()
    {
        byPortGuid.Clear();
        var max = 0;
        foreach (var port in EndPorts)
        {
            byPortGuid[port.Guid.Value] = port;
            max = Math.Max(max, port.Lid.Value + (1 << port.Lmc));
        }
        byLid = new ManagedPort?[max + 1];
        foreach (var port in byPortGuid.Values)
            if (port.Lid.Value != 0) byLid.AsSpan(port.Lid.Value, 1 << port.Lmc).Fill(port);
    }

    /// <summary>The switches and what hangs on them, for routing.</summary>
    public SwitchGraph BuildGraph()
    {
        var graph = new SwitchGraph();
        Switches.Clear();
        foreach (var node in Nodes)
        {
            if (!node.IsSwitch || node.IsBroken) continue;
            node.SwitchIndex = graph.AddSwitch(node.Ports.Length - 1);
            Switches.Add(node);
        }
        foreach (var node in Switches)
            for (var number = 0; number < node.Ports.Length; number++)
            {
                var port = node.Ports[number]!;
                if (number == 0) graph.AddEndPort(new(port.Lid, port.Lmc, node.SwitchIndex, 0));
                else if (port.IsLinkUp && port.Peer is { Node.IsBroken: false } peer)
                {
                    if (!peer.Node.IsSwitch) graph.AddEndPort(new(peer.Lid, peer.Lmc, node.SwitchIndex, port.Number));
                    else if (peer.Node.SwitchIndex >= 0) graph.Connect(node.SwitchIndex, port.Number, peer.Node.SwitchIndex, peer.Number);
                }
            }
        return graph;
    }
}
