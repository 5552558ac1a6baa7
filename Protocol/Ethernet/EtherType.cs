namespace Weft.Protocol.Ethernet;

/// <summary>EtherTypes that are understood here; others pass through as numbers.</summary>
public enum EtherType : ushort
{
    IPv4 = 0x0800,
    Arp = 0x0806,
    Vlan = 0x8100,
    IPv6 = 0x86DD,
    /// <summary>IEEE 802.1ad service tag.</summary>
    ServiceVlan = 0x88A8,
    RoceV1 = 0x8915,
}
