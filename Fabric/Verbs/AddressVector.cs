namespace Weft.Fabric.Verbs;

/// <summary>
/// The way to a peer: on RoCE the two GIDs and IP fields; on InfiniBand also LIDs and SL. IBA Vol 1 §11.2.2.1 (address handle), §10.2.2.2.
/// </summary>
/// <param name="IsGlobal">Packets carry a GRH: always on RoCE; on InfiniBand towards other subnets and to groups.</param>
/// <param name="PKeyIndex">Of the path's partition in the port's table, for management datagrams alone: a QP has an index of its own.</param>
public readonly record struct AddressVector(
    Gid SourceGid, Gid DestinationGid, byte PortNumber = 1, int SourceGidIndex = 0, uint FlowLabel = 0, byte HopLimit = 64,
    byte TrafficClass = 0, Lid DestinationLid = default, byte SourcePathBits = 0, byte ServiceLevel = 0, bool IsGlobal = true, ushort PKeyIndex = 0);
