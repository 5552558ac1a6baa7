using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.Subnet;

/// <summary>Small subnets for tests.</summary>
internal static class Fabrics
{
    /// <summary>One switch "S" and hosts "h1".. at its ports 1...</summary>
    public static IbSubnet Star(int hosts, int switchPorts = 8)
    {
        var subnet = new IbSubnet();
        var sw = subnet.Add(new() { Id = "S", Type = NodeType.Switch, PortCount = switchPorts, Guid = new(0x5000), Description = "switch" });
        for (var i = 1; i <= hosts; i++) subnet.Connect(Host(subnet, $"h{i}", 0x1000 + 0x10 * (ulong)i)[1], sw[i]);
        return subnet;
    }

    /// <summary>h1 - S1 - S2 - ... - h2; ports 1 lead left, 2 right.</summary>
    public static IbSubnet Chain(int switches)
    {
        var subnet = new IbSubnet();
        var left = Host(subnet, "h1", 0x1000)[1];
        for (var i = 1; i <= switches; i++)
        {
            var sw = subnet.Add(new() { Id = $"S{i}", Type = NodeType.Switch, PortCount = 4, Guid = new(0x5000 + (ulong)i) });
            subnet.Connect(left, sw[1]);
            left = sw[2];
        }
        subnet.Connect(left, Host(subnet, "h2", 0x2000)[1]);
        return subnet;
    }

    private static SubnetNode Host(IbSubnet subnet, string id, ulong guid) =>
        subnet.Add(new() { Id = id, Type = NodeType.Ca, PortCount = 1, Guid = new(guid), Description = $"host {id}" });

    /// <summary>Gives every end port a LID in order from 1, fills every forwarding table by shortest way along the chain or star, and brings links to Active.</summary>
    public static void Activate(IbSubnet subnet)
    {
        ushort lid = 1;
        foreach (var node in subnet.Nodes)
        {
            foreach (var port in node.Ports)
            {
                if (port is null) continue;
                if (port.IsEndPort) port.Info.Lid = new(lid++);
                if (port.IsLinkUp) port.Info.State = PortState.Active;
            }
        }
        foreach (var node in subnet.Nodes)
        {
            if (node.Forwarding is not { } forwarding) continue;
            forwarding.Info.LinearFdbTop = (ushort)(lid - 1);
            var block = new byte[64];
            Array.Fill(block, SmpTables.NoPort);
            for (var to = 1; to < lid; to++) block[to] = Towards(node, subnet.Find(new Lid((ushort)to))!.Node);
            forwarding.WriteLinearBlock(0, block);
        }
    }

    private static byte Towards(SubnetNode from, SubnetNode to)
    {
        if (from == to) return 0;
        foreach (var port in from.Ports)
            if (port?.Peer is { } peer && Reaches(peer.Node, to, from)) return port.Number;
        return SmpTables.NoPort;
    }

    private static bool Reaches(SubnetNode at, SubnetNode to, SubnetNode cameFrom)
    {
        if (at == to) return true;
        foreach (var port in at.Ports)
            if (port?.Peer is { } peer && peer.Node != cameFrom && Reaches(peer.Node, to, at)) return true;
        return false;
    }
}
