namespace Weft.Protocol.Ethernet;

/// <summary>Protocol numbers of IPv4 and next headers of IPv6.</summary>
public enum IpProtocol : byte
{
    Icmp = 1,
    Tcp = 6,
    Udp = 17,
    IcmpV6 = 58,
}
