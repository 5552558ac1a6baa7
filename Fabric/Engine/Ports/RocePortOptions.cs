namespace Weft.Fabric.Engine.Ports;

/// <summary>What a RoCE port is given by its host.</summary>
public sealed record RocePortOptions
{
    public required MacAddress Mac { get; init; }
    /// <summary>IPv4 addresses (as mapped GIDs) and IPv6 addresses, in any order. The link-local address comes from the MAC.</summary>
    public IReadOnlyList<PortAddress> Addresses { get; init; } = [];
    /// <summary>1-based number of the port in its device.</summary>
    public byte Number { get; init; } = 1;
    /// <summary>P_Key table. RoCE uses the default key alone. IBA annex A16.5.1.</summary>
    public IReadOnlyList<PKey> PKeys { get; init; } = [PKey.Default];
    /// <summary>Tag control information (priority and VLAN) of what is sent; only frames of that VLAN are taken. -1: untagged.</summary>
    public int VlanControl { get; init; } = -1;
    /// <summary>Next hop for IPv4 addresses outside every prefix. None: every address is on the link.</summary>
    public Gid GatewayIPv4 { get; init; }
    /// <summary>Next hop for IPv6 addresses outside every prefix. None: every address is on the link.</summary>
    public Gid GatewayIPv6 { get; init; }
    /// <summary>
    /// The addresses are the host's own, whose stack answers ARP and neighbour discovery for them; the port only listens and asks.
    /// </summary>
    public bool HostAnswersNeighbors { get; init; }
    public NeighborLimits Neighbors { get; init; } = new();
}
