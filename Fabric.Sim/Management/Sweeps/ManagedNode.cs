using System.Text;
using Weft.Fabric.Sim.Management.Partitions;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>What a manager knows of a node, and the directed route to it.</summary>
internal sealed class ManagedNode
{
    private readonly byte[]?[] routes;
    private NodeInfo info;
    private SwitchInfo switchInfo;

    public ManagedNode(int index, in NodeInfo info)
    {
        (Index, this.info) = (index, info);
        IsSwitch = info.NodeType == NodeType.Switch;
        Guid = info.NodeGuid;
        Ports = new ManagedPort[info.NumPorts + 1];
        for (var number = IsSwitch ? 0 : 1; number < Ports.Length; number++) Ports[number] = new(this, (byte)number);
        routes = new byte[IsSwitch ? 1 : Ports.Length][];
        if (IsSwitch) Ports[0]!.Guid = info.PortGuid;
    }

    public int Index { get; }
    public bool IsSwitch { get; }
    public Guid64 Guid { get; }
    public ref NodeInfo Info => ref info;
    /// <summary>64 bytes.</summary>
    public byte[] Description { get; } = new byte[SmpData.Length];
    public ref SwitchInfo Switch => ref switchInfo;
    /// <summary>Index 0 only on switches.</summary>
    public ManagedPort?[] Ports { get; }
    /// <summary>Number among the switches; -1 when it is none, or was not read completely.</summary>
    public int SwitchIndex { get; set; } = -1;
    /// <summary>What a question stayed unanswered on: the node is left out of the subnet.</summary>
    public bool IsBroken { get; set; }
    /// <summary>Forwarding table as it was last written, or null: unknown.</summary>
    public byte[]? Linear { get; set; }
    /// <summary>A block could not be written: the whole table is written again by the next sweep.</summary>
    public bool HasStaleTables { get; set; }
    /// <summary>Multicast blocks as they were last written, by block and position.</summary>
    public Dictionary<uint, ushort[]> Multicast { get; set; } = [];

    public IEnumerable<ManagedPort> EndPorts => IsSwitch ? [Ports[0]!] : Ports.OfType<ManagedPort>().Where(p => p.IsKnown);
    public MemberKind Kind => IsSwitch ? MemberKind.AllSwitches : info.NodeType == NodeType.Router ? MemberKind.AllRouters : MemberKind.AllAdapters;

    /// <summary>Egress ports that lead to a port; null when no way is known. A switch answers for all its ports.</summary>
    public byte[]? RouteTo(int port) => routes[IsSwitch ? 0 : port];

    public void SetRoute(int port, byte[] route) => routes[IsSwitch ? 0 : port] ??= route;

    public override string ToString()
    {
        var end = Array.IndexOf(Description, (byte)0);
        return $"{Guid} \"{Encoding.UTF8.GetString(Description, 0, end < 0 ? Description.Length : end)}\"";
    }
}
