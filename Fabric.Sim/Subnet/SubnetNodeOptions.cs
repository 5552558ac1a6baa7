using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>How a node of a subnet is made.</summary>
public sealed record SubnetNodeOptions
{
    /// <summary>Name in topology files; unique in the subnet.</summary>
    public required string Id { get; init; }
    public required NodeType Type { get; init; }
    /// <summary>Ports, port 0 of a switch not counted: 1 to 254.</summary>
    public required int PortCount { get; init; }
    public required Guid64 Guid { get; init; }
    public string Description { get; init; } = "";
    /// <summary>GUID of the box; the node's own when not given.</summary>
    public Guid64? SystemImageGuid { get; init; }
    /// <summary>GUIDs of a CA's ports by number; node GUID + number where not given. A switch has one, of port 0: the node's own when not given.</summary>
    public IReadOnlyDictionary<int, Guid64>? PortGuids { get; init; }
    public uint VendorId { get; init; } = 0x2C9;
    public ushort? DeviceId { get; init; }
}
