namespace Weft.Protocol.Ethernet;

/// <summary>Ethernet addresses of IP multicast groups. RFC 1112 §6.4, RFC 2464 §7.</summary>
public static class MulticastMac
{
    /// <param name="group">An IPv4 (mapped) or IPv6 multicast address.</param>
    public static MacAddress Of(Gid group) =>
        group.IsIPv4 ? new(0x0100_5E00_0000UL | group.IPv4 & 0x7F_FFFF) : new(0x3333_0000_0000UL | group.Low & 0xFFFF_FFFF);
}
