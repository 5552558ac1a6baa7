namespace Weft.Fabric.Connections;

/// <summary>
/// A path through an InfiniBand subnet, as a path record describes it: what a connection is made along. IBA Vol 1 §15.2.5.16.
/// </summary>
/// <param name="Source">A GID of the local port.</param>
/// <param name="SourceLid">Base LID plus path bits.</param>
/// <param name="PKey">Partition in which both ends are members.</param>
/// <param name="Rate">Static rate code (3 is 10 Gbit/s, 16 is 100).</param>
/// <param name="PacketLifetime">Coded time 4.096 us × 2^n from one end to the other.</param>
/// <param name="IsGlobal">Packets need a GRH: the destination is in another subnet.</param>
public readonly record struct ConnectionPath(
    Gid Source, Gid Destination, Lid SourceLid, Lid DestinationLid, PKey PKey, byte ServiceLevel, PathMtu Mtu, byte Rate = 3, byte PacketLifetime = 18,
    bool IsGlobal = false, uint FlowLabel = 0, byte HopLimit = 0, byte TrafficClass = 0);
