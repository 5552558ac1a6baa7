using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Ports;

/// <summary>
/// What subnet management has set at an InfiniBand port: from PortInfo, GUIDInfo, P_KeyTable and SLtoVLMappingTable, or fixed where a
/// subnet has no manager. IBA Vol 1 §14.2.5.
/// </summary>
public sealed record IbPortSettings
{
    /// <summary>Prefix of the link-local subnet. IBA Vol 1 §4.1.1.</summary>
    public const ulong DefaultGidPrefix = 0xFE80_0000_0000_0000;

    public PortState State { get; init; } = PortState.Initialize;
    /// <summary>Base LID; the port has the next 2^<see cref="Lmc"/> ones.</summary>
    public Lid Lid { get; init; }
    /// <summary>0..7.</summary>
    public byte Lmc { get; init; }
    public Lid SmLid { get; init; }
    public byte SmServiceLevel { get; init; }
    public ulong GidPrefix { get; init; } = DefaultGidPrefix;
    /// <summary>GUIDs of the port; the first is its own, and makes GID 0.</summary>
    public IReadOnlyList<Guid64> Guids { get; init; } = [];
    /// <summary>Empty places are 0.</summary>
    public IReadOnlyList<PKey> PKeys { get; init; } = [PKey.Default];
    /// <summary>NeighborMTU.</summary>
    public PathMtu Mtu { get; init; } = PathMtu.Mtu4096;
    /// <summary>Virtual lane of each of the 16 service levels; 15 stands for "drop".</summary>
    public IReadOnlyList<byte> Lanes { get; init; } = new byte[16];
}
