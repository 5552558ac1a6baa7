namespace Weft.Fabric.Engine.Ports;

/// <summary>A packet with a key that its receiver does not accept: what trap 257 tells. IBA Vol 1 §14.2.5.1.</summary>
public readonly record struct KeyViolation(PKey Key, byte ServiceLevel, Lid Source, Lid Destination, Qpn SourceQpn, Qpn DestinationQpn, Gid SourceGid, Gid DestinationGid);
