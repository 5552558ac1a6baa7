using Weft.Fabric.Sim.Management.Partitions;

namespace Weft.Fabric.Sim.Management;

/// <summary>How a subnet manager behaves. The defaults are OpenSM's, but for the number of packets under way.</summary>
public sealed record ManagerOptions
{
    /// <summary>0 to 15; the highest becomes master, and among equals the lowest port GUID. IBA Vol 1 §14.4.1.</summary>
    public byte Priority { get; init; }
    /// <summary>Each port gets 2^Lmc LIDs, 0 to 7.</summary>
    public byte Lmc { get; init; }
    /// <summary>Whether to route up and down a tree instead of by the shortest ways alone.</summary>
    public bool UsesUpDown { get; init; }
    /// <summary>A new master gives LIDs anew instead of keeping those that it finds: breaks connections, and is for subnets whose LIDs are a mess.</summary>
    public bool ReassignsLids { get; init; }
    public PartitionPolicy Partitions { get; init; } = PartitionPolicy.Open;
    /// <summary>How links tell service levels apart; null: as the devices have it by themselves.</summary>
    public QosPolicy? Qos { get; init; }
    /// <summary>High half of every GID.</summary>
    public ulong SubnetPrefix { get; init; } = 0xFE80_0000_0000_0000;
    public ulong SmKey { get; init; } = 1;
    /// <summary>Requests under way at once, 1 to 256.</summary>
    public int MaxOutstanding { get; init; } = 32;
    public Duration ResponseTimeout { get; init; } = Duration.FromMilliseconds(200);
    /// <summary>Times that a request is sent again before it counts as lost.</summary>
    public int Retries { get; init; } = 3;
    /// <summary>From one sweep of a master to the next.</summary>
    public Duration SweepInterval { get; init; } = Duration.FromSeconds(10);
    /// <summary>From one question of a standby, whether the master lives, to the next.</summary>
    public Duration PollInterval { get; init; } = Duration.FromSeconds(10);
    /// <summary>Questions without an answer after which a standby takes over.</summary>
    public int PollRetries { get; init; } = 4;
    /// <summary>Coded time that ports wait for an answer across the subnet.</summary>
    public byte SubnetTimeout { get; init; } = 18;
    /// <summary>Coded time that a packet may be under way.</summary>
    public byte PacketLifetime { get; init; } = 18;
}
