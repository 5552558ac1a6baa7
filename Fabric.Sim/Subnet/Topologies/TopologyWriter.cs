using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet.Topologies;

/// <summary>Writes a subnet as ibnetdiscover prints one: what <see cref="TopologyReader"/>, ibsim and many tools read.</summary>
public static class TopologyWriter
{
    public static void Write(IbSubnet subnet, TextWriter output)
    {
        foreach (var node in subnet.Nodes) Write(node, output);
    }

    public static string ToText(IbSubnet subnet)
    {
        using var text = new StringWriter { NewLine = "\n" };
        Write(subnet, text);
        return text.ToString();
    }

    private static void Write(SubnetNode node, TextWriter output)
    {
        var info = node.Info;
        output.Write($"vendid=0x{info.VendorId:x}\ndevid=0x{info.DeviceId:x}\nsysimgguid=0x{info.SystemImageGuid.Value:x}\n");
        output.Write(node.Type switch
        {
            NodeType.Switch => $"switchguid=0x{node.Guid.Value:x}({node[0].Guid.Value:x})\nSwitch\t{node.PortCount} \"{node.Id}\"\t\t# \"{node.Description}\" base port 0 {Address(node[0])}\n",
            NodeType.Router => $"rtguid=0x{node.Guid.Value:x}\nRt\t{node.PortCount} \"{node.Id}\"\t\t# \"{node.Description}\"\n",
            _ => $"caguid=0x{node.Guid.Value:x}\nCa\t{node.PortCount} \"{node.Id}\"\t\t# \"{node.Description}\"\n",
        });
        foreach (var port in node.Ports)
            if (port?.Peer is { } peer) Write(port, peer, output);
        output.Write('\n');
    }

    private static void Write(SubnetPort port, SubnetPort peer, TextWriter output)
    {
        output.Write(port.Node.IsSwitch ? $"[{port.Number}]\t" : $"[{port.Number}]({port.Guid.Value:x}) \t");
        output.Write($"\"{peer.Node.Id}\"[{peer.Number}]");
        if (!peer.Node.IsSwitch) output.Write($"({peer.Guid.Value:x}) ");
        output.Write("\t\t# ");
        if (!port.Node.IsSwitch) output.Write(Address(port) + " ");
        output.Write($"\"{peer.Node.Description}\" lid {peer.Lid.Value} {(port.IsLinkUp ? LinkRate.Of(port.Info) : port.Rate)}\n");
    }

    private static string Address(SubnetPort port) => $"lid {port.Lid.Value} lmc {port.Info.Lmc}";
}
