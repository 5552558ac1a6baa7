using Weft.Protocol.Ethernet;
using Weft.Protocol.Ib;

namespace Weft.Protocol.Roce;

/// <summary>
/// What stands in front of the BTH of a RoCEv2 packet, as values. IBA annex A17.3. Both GIDs are IPv4-mapped, or neither is.
/// </summary>
/// <param name="Identification">IPv4 identification. The ICRC covers it, so whoever sends must know it.</param>
/// <param name="VlanControl">Tag control information, or -1 for an untagged frame.</param>
public readonly record struct RoceEnvelope(
    MacAddress DestinationMac, MacAddress SourceMac, Gid Source, Gid Destination, ushort UdpSourcePort, ushort Identification = 0,
    byte TrafficClass = 0, uint FlowLabel = 0, byte HopLimit = 64, int VlanControl = -1)
{
    /// <summary>Bytes in front of the BTH.</summary>
    public int Length => EthernetHeader.Length + (VlanControl >= 0 ? VlanTag.Length : 0)
        + (Destination.IsIPv4 ? Ipv4Header.Length : Ipv6Header.Length) + UdpHeader.Length;

    /// <summary>Writes Ethernet, IP and UDP headers in front of a transport part and the ICRC behind it.</summary>
    /// <param name="buffer">Holds the transport part, with at least <see cref="Length"/> bytes in front of it and 4 behind.</param>
    /// <param name="transport">Offset of the BTH.</param>
    /// <param name="end">Offset behind the pad.</param>
    /// <returns>Offset of the Ethernet header; the frame ends at <paramref name="end"/> + 4.</returns>
    public int Wrap(Span<byte> buffer, int transport, int end)
    {
        var udpLength = UdpHeader.Length + (end - transport) + Icrc.Length;
        var udp = transport - UdpHeader.Length;
        new UdpHeader(UdpSourcePort, UdpHeader.RocePort, (ushort)udpLength).Write(buffer[udp..]);
        int network;
        EtherType type;
        if (Destination.IsIPv4)
        {
            network = udp - Ipv4Header.Length;
            type = EtherType.IPv4;
            new Ipv4Header(Source.IPv4, Destination.IPv4, IpProtocol.Udp, (ushort)(Ipv4Header.Length + udpLength), Identification, TrafficClass, HopLimit)
                .WithChecksum().Write(buffer[network..]);
            Icrc.Write(buffer[end..], Icrc.ComputeIPv4(buffer[network..end]));
        }
        else
        {
            network = udp - Ipv6Header.Length;
            type = EtherType.IPv6;
            new Ipv6Header(Source, Destination, IpProtocol.Udp, (ushort)udpLength, TrafficClass, FlowLabel, HopLimit).Write(buffer[network..]);
            Icrc.Write(buffer[end..], Icrc.ComputeIPv6(buffer[network..end]));
        }
        var start = network - EthernetHeader.Length;
        if (VlanControl >= 0)
        {
            new VlanTag((ushort)VlanControl, type).Write(buffer[(network - VlanTag.Length)..]);
            start -= VlanTag.Length;
            type = EtherType.Vlan;
        }
        new EthernetHeader(DestinationMac, SourceMac, type).Write(buffer[start..]);
        return start;
    }
}
