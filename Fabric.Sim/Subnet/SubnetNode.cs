using System.Text;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>A channel adapter, switch or router of the subnet: what its management agent tells and keeps. No behaviour of packets.</summary>
public sealed class SubnetNode
{
    private readonly SubnetPort[] ports;
    private NodeInfo info;

    internal SubnetNode(IbSubnet subnet, int index, SubnetNodeOptions options)
    {
        if (options.PortCount is < 1 or > 254) throw new ArgumentException($"node {options.Id} has {options.PortCount} ports; 1 to 254 are possible", nameof(options));
        (Subnet, Index, Id, Description) = (subnet, index, options.Id, options.Description);
        info = NodeFactory.NodeInfo(options);
        IsSwitch = info.NodeType == NodeType.Switch;
        if (IsSwitch) Forwarding = new() { Info = NodeFactory.SwitchInfo() };
        ports = new SubnetPort[options.PortCount + 1];
        for (var number = IsSwitch ? 0 : 1; number <= options.PortCount; number++) ports[number] = new(this, (byte)number, NodeFactory.PortGuid(options, number));
    }

    public IbSubnet Subnet { get; }
    /// <summary>Position in the subnet's list of nodes.</summary>
    public int Index { get; }
    /// <summary>Name in topology files, such as S-0002c90300a00000.</summary>
    public string Id { get; }
    /// <summary>NodeDescription: what people call it; at most 64 bytes of UTF-8 go on the wire.</summary>
    public string Description { get; set; }
    /// <summary>The attribute, without the port that was asked.</summary>
    public ref NodeInfo Info => ref info;
    public NodeType Type => info.NodeType;
    public bool IsSwitch { get; }
    public Guid64 Guid => info.NodeGuid;
    /// <summary>Ports, port 0 of a switch not counted.</summary>
    public int PortCount => ports.Length - 1;
    /// <summary>What a switch forwards by; null on other nodes.</summary>
    public ForwardingTables? Forwarding { get; }
    /// <summary>Index 0 is port 0 of a switch, and null on other nodes.</summary>
    public ReadOnlySpan<SubnetPort?> Ports => ports;

    /// <summary>A port by its number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The node has no such port.</exception>
    public SubnetPort this[int number] =>
        Find(number) ?? throw new ArgumentOutOfRangeException(nameof(number), number, $"{this} has no port {number}");

    /// <summary>A port by its number, or null.</summary>
    public SubnetPort? Find(int number) => (uint)number < (uint)ports.Length ? ports[number] : null;

    /// <summary>Writes the 64 bytes of NodeDescription.</summary>
    public void WriteDescription(Span<byte> data)
    {
        data[..SmpData.Length].Clear();
        Encoding.UTF8.GetEncoder().Convert(Description, data[..SmpData.Length], flush: true, out _, out _, out _);
    }

    public override string ToString() => $"{Type} {Id} \"{Description}\"";
}
