using Weft.Protocol.Checksums;
using Weft.Protocol.Ethernet;
using Weft.Protocol.Ib;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Roce;

/// <summary>
/// Where the parts of a RoCEv2 packet stand in an Ethernet frame. Offsets only, so it can be kept beside the bytes. IBA annex A17.3.
/// </summary>
/// <param name="NetworkOffset">IPv4 or IPv6 header.</param>
/// <param name="TransportOffset">BTH.</param>
/// <param name="End">Behind the ICRC; what follows up to the end of the frame is Ethernet padding.</param>
public readonly record struct RoceFrame(int NetworkOffset, int TransportOffset, int End, bool IsIPv6)
{
    public int UdpOffset => TransportOffset - UdpHeader.Length;
    public int IcrcOffset => End - Icrc.Length;
    public bool IsTagged => NetworkOffset != EthernetHeader.Length;

    /// <summary>Finds the parts and checks lengths and the IPv4 checksum. Never throws, allocates nothing.</summary>
    /// <param name="frame">From the Ethernet header; without the FCS.</param>
    public static FrameFault TryParse(ReadOnlySpan<byte> frame, out RoceFrame parts)
    {
        parts = default;
        if (frame.Length < EthernetHeader.Length) return FrameFault.Cut;
        var type = (EtherType)ReadUInt16BigEndian(frame[12..]);
        var network = EthernetHeader.Length;
        if (type == EtherType.Vlan)
        {
            if (frame.Length < network + VlanTag.Length) return FrameFault.Cut;
            type = (EtherType)ReadUInt16BigEndian(frame[16..]);
            network += VlanTag.Length;
        }
        return type switch
        {
            EtherType.IPv4 => ParseIPv4(frame, network, out parts),
            EtherType.IPv6 => ParseIPv6(frame, network, out parts),
            _ => FrameFault.NotRoce,
        };
    }

    private static FrameFault ParseIPv4(ReadOnlySpan<byte> frame, int network, out RoceFrame parts)
    {
        parts = default;
        var ip = frame[network..];
        if (ip.Length < Ipv4Header.Length) return FrameFault.Cut;
        if (ip[9] != (byte)IpProtocol.Udp) return FrameFault.NotRoce;
        if (ip[0] != 0x45) return FrameFault.NetworkHeader;
        if ((ReadUInt16BigEndian(ip[6..]) & 0x3FFF) != 0) return FrameFault.Fragment;
        int total = ReadUInt16BigEndian(ip[2..]);
        if (total > ip.Length || total < Ipv4Header.Length + UdpHeader.Length) return FrameFault.Cut;
        var fault = ParseUdp(ip[Ipv4Header.Length..total]);
        if (fault != FrameFault.None) return fault;
        if (!Ipv4Header.IsChecksumCorrect(ip[..Ipv4Header.Length])) return FrameFault.NetworkChecksum;
        parts = new(network, network + Ipv4Header.Length + UdpHeader.Length, network + total, IsIPv6: false);
        return FrameFault.None;
    }

    private static FrameFault ParseIPv6(ReadOnlySpan<byte> frame, int network, out RoceFrame parts)
    {
        parts = default;
        var ip = frame[network..];
        if (ip.Length < Ipv6Header.Length) return FrameFault.Cut;
        if (ip[6] != (byte)IpProtocol.Udp) return FrameFault.NotRoce;
        if (ip[0] >> 4 != 6) return FrameFault.NetworkHeader;
        var total = Ipv6Header.Length + ReadUInt16BigEndian(ip[4..]);
        if (total > ip.Length || total < Ipv6Header.Length + UdpHeader.Length) return FrameFault.Cut;
        var fault = ParseUdp(ip[Ipv6Header.Length..total]);
        if (fault != FrameFault.None) return fault;
        parts = new(network, network + Ipv6Header.Length + UdpHeader.Length, network + total, IsIPv6: true);
        return FrameFault.None;
    }

    private static FrameFault ParseUdp(ReadOnlySpan<byte> udp)
    {
        if (ReadUInt16BigEndian(udp[2..]) != UdpHeader.RocePort) return FrameFault.NotRoce;
        if (ReadUInt16BigEndian(udp[4..]) != udp.Length) return FrameFault.UdpLength;
        return udp.Length < UdpHeader.Length + Bth.Length + Icrc.Length ? FrameFault.TooShort : FrameFault.None;
    }

    /// <summary>BTH to ICRC.</summary>
    public ReadOnlySpan<byte> Transport(ReadOnlySpan<byte> frame) => frame[TransportOffset..End];

    /// <summary>The ICRC that the packet should carry.</summary>
    public uint ComputeIcrc(ReadOnlySpan<byte> frame) =>
        IsIPv6 ? Icrc.ComputeIPv6(frame[NetworkOffset..IcrcOffset]) : Icrc.ComputeIPv4(frame[NetworkOffset..IcrcOffset]);

    public bool IsIcrcCorrect(ReadOnlySpan<byte> frame) => Icrc.Read(frame[IcrcOffset..]) == ComputeIcrc(frame);

    /// <summary>Zero means none, which is what RoCE sends; any other must be right. RFC 768, RFC 6935.</summary>
    public bool IsUdpChecksumCorrect(ReadOnlySpan<byte> frame)
    {
        var udp = frame[UdpOffset..End];
        if (ReadUInt16BigEndian(udp[6..]) == 0) return true;
        ReadAddresses(frame, out var source, out var destination);
        return InternetChecksum.Finish(InternetChecksum.Add(InternetChecksum.PseudoHeader(source, destination, (byte)IpProtocol.Udp, udp.Length), udp)) == 0;
    }

    /// <summary>The addresses of the packet: IPv4 ones as mapped GIDs.</summary>
    public void ReadAddresses(ReadOnlySpan<byte> frame, out Gid source, out Gid destination)
    {
        if (IsIPv6)
        {
            source = Gid.Read(frame[(NetworkOffset + 8)..]);
            destination = Gid.Read(frame[(NetworkOffset + 24)..]);
        }
        else
        {
            source = Gid.FromIPv4(ReadUInt32BigEndian(frame[(NetworkOffset + 12)..]));
            destination = Gid.FromIPv4(ReadUInt32BigEndian(frame[(NetworkOffset + 16)..]));
        }
    }

    /// <summary>Everything in front of the BTH that <see cref="RoceEnvelope.Wrap"/> needs to make it again.</summary>
    public RoceEnvelope ReadEnvelope(ReadOnlySpan<byte> frame)
    {
        ReadAddresses(frame, out var source, out var destination);
        EthernetHeader.TryRead(frame, out var ethernet);
        var port = ReadUInt16BigEndian(frame[UdpOffset..]);
        int vlan = IsTagged ? ReadUInt16BigEndian(frame[EthernetHeader.Length..]) : -1;
        if (!IsIPv6)
        {
            Ipv4Header.TryRead(frame[NetworkOffset..], out var ip);
            return new(ethernet.Destination, ethernet.Source, source, destination, port, ip.Identification, ip.TrafficClass, 0, ip.TimeToLive, vlan);
        }
        Ipv6Header.TryRead(frame[NetworkOffset..], out var ip6);
        return new(ethernet.Destination, ethernet.Source, source, destination, port, 0, ip6.TrafficClass, ip6.FlowLabel, ip6.HopLimit, vlan);
    }
}
