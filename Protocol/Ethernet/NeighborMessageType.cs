namespace Weft.Protocol.Ethernet;

/// <summary>ICMPv6 types of neighbour discovery. RFC 4861 §4.3, §4.4.</summary>
public enum NeighborMessageType : byte
{
    Solicitation = 135,
    Advertisement = 136,
}
