namespace Weft.Fabric.Sim.Management.Partitions;

/// <summary>A multicast group that a partition brings along: its IPoIB broadcast group, or one given by its GID. Unset values are null.</summary>
public sealed record PartitionGroup
{
    /// <summary>None: the broadcast groups of IPoIB (RFC 4391 §4).</summary>
    public Gid MulticastGid { get; init; }
    /// <summary>Coded rate; unset: 3, 10 Gb/s.</summary>
    public byte? Rate { get; init; }
    /// <summary>Coded MTU; unset: 4, 2048 bytes.</summary>
    public byte? Mtu { get; init; }
    public byte? ServiceLevel { get; init; }
    /// <summary>A group is made for each; none: 2, link local.</summary>
    public IReadOnlyList<byte> Scopes { get; init; } = [];
    /// <summary>Unset: 0xB1B.</summary>
    public QKey? QKey { get; init; }
    public byte? TrafficClass { get; init; }
    public uint? FlowLabel { get; init; }
}
