using Weft.Fabric.Connections;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Nodes;

/// <summary>
/// Brings a subnet up without a manager: LIDs in the order of the nodes, shortest paths, every link active, all written into the node model
/// at once. For worlds that are about something else than management.
/// </summary>
public static class StaticSubnet
{
    private const byte NoPort = 0xFF;

    /// <param name="paths">Gets the paths between the ports.</param>
    public static void BringUp(IbFabric fabric, PathTable paths, byte lmc = 0)
    {
        var ends = new List<SubnetPort>();
        var lid = (ushort)(1 << lmc);
        foreach (var node in fabric.Subnet.Nodes)
        {
            foreach (var port in node.Ports)
            {
                if (port is not { IsEndPort: true }) continue;
                (port.Info.Lid, port.Info.Lmc) = (new(lid), port.Number == 0 ? (byte)0 : lmc);
                lid += (ushort)(1 << lmc);
                ends.Add(port);
                paths.Add(Gid.LinkLocal(port.Guid), port.Lid, mtu: (PathMtu)port.Info.NeighborMtu);
            }
        }
        foreach (var node in fabric.Subnet.Nodes)
        {
            if (node.Forwarding is not null) Route(node, ends, lid);
            foreach (var port in node.Ports)
                if (port is { IsLinkUp: true, Peer: not null }) Subnet.Links.Enter(port, PortState.Active);
        }
    }

    private static void Route(SubnetNode node, List<SubnetPort> ends, ushort top)
    {
        var exits = Exits(node);
        var table = new byte[(top / SmpTables.LidsPerBlock + 1) * SmpTables.LidsPerBlock];
        Array.Fill(table, NoPort);
        foreach (var end in ends)
        {
            var exit = end.Node == node ? (byte)0 : exits.GetValueOrDefault(end, NoPort);
            for (var i = 0; i < 1 << end.Info.Lmc; i++) table[end.Lid.Value + i] = exit;
        }
        node.Forwarding!.Info.LinearFdbTop = top;
        for (var block = 0; block * SmpTables.LidsPerBlock < table.Length; block++)
            node.Forwarding.WriteLinearBlock(block, table.AsSpan(block * SmpTables.LidsPerBlock, SmpTables.LidsPerBlock));
    }

    /// <summary>For each end port the port by which a switch reaches it over the fewest hops; the lowest of equals.</summary>
    private static Dictionary<SubnetPort, byte> Exits(SubnetNode from)
    {
        var exits = new Dictionary<SubnetPort, byte>();
        var seen = new HashSet<SubnetNode> { from };
        var next = new Queue<(SubnetNode Node, byte Exit)>();
        next.Enqueue((from, 0));
        while (next.TryDequeue(out var at))
        {
            foreach (var port in at.Node.Ports)
            {
                if (port is not { IsLinkUp: true, Peer: { } peer }) continue;
                var exit = at.Node == from ? port.Number : at.Exit;
                if (!peer.Node.IsSwitch) exits.TryAdd(peer, exit);
                else if (seen.Add(peer.Node))
                {
                    exits.TryAdd(peer.Node[0], exit);
                    next.Enqueue((peer.Node, exit));
                }
            }
        }
        return exits;
    }
}
