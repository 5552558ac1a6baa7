using Weft.Fabric.Wire;
using Weft.Protocol.Ethernet;

namespace Weft.Fabric.Engine.Ports;

// ARP and IPv6 neighbour discovery, both ways. RFC 826, RFC 4861.
public sealed partial class RocePort
{
    private static readonly Gid AllNodes = new(0xFF02_0000_0000_0000, 1);

    private static bool IsIcmpV6(ReadOnlySpan<byte> ip) => ip.Length >= Ipv6Header.Length && ip[6] == (byte)IpProtocol.IcmpV6;

    private void OnArp(ReadOnlySpan<byte> bytes)
    {
        if (!ArpPacket.TryRead(bytes, out var arp) || arp.SenderMac.IsMulticast)
        {
            Counters.DroppedMalformed++;
            return;
        }
        var (sender, target) = (Gid.FromIPv4(arp.SenderAddress), Gid.FromIPv4(arp.TargetAddress));
        var isForUs = gids.IndexOf(target) >= 0;
        if (gids.IndexOf(sender) >= 0)
        {
            // Somebody else claims an address of this port: there is nothing to learn from it.
            Counters.DroppedAddress++;
            return;
        }
        if (arp.Operation == ArpOperation.Reply) Counters.NeighborAnswersReceived++;
        // A probe (RFC 5227) has no sender address yet.
        if (arp.SenderAddress != 0) neighbors.Learn(target, sender, arp.SenderMac, create: isForUs && arp.Operation == ArpOperation.Request);
        if (arp.Operation != ArpOperation.Request || !isForUs || options.HostAnswersNeighbors) return;
        Counters.NeighborRequestsAnswered++;
        SendArp(new(ArpOperation.Reply, options.Mac, arp.TargetAddress, arp.SenderMac, arp.SenderAddress), arp.SenderMac);
    }

    private void OnIcmpV6(ReadOnlySpan<byte> frame, int network)
    {
        var rest = frame[network..];
        if (!Ipv6Header.TryRead(rest, out var ip) || Ipv6Header.Length + ip.PayloadLength > rest.Length)
        {
            Counters.DroppedMalformed++;
            return;
        }
        var icmp = rest.Slice(Ipv6Header.Length, ip.PayloadLength);
        if (!NeighborMessage.IsChecksumCorrect(icmp, ip.Source, ip.Destination))
        {
            Counters.DroppedChecksum++;
            return;
        }
        if (!NeighborMessage.TryRead(icmp, out var message))
        {
            Counters.DroppedProtocol++;
            return;
        }
        // RFC 4861 §7.1: what a router forwarded is no neighbour's.
        if (ip.HopLimit != NeighborMessage.RequiredHopLimit || message.Code != 0 || message.Target.IsMulticast)
        {
            Counters.DroppedMalformed++;
            return;
        }
        var hasMac = message.TryFindMac(icmp[NeighborMessage.Length..], out var mac) && !mac.IsMulticast;
        if (message.Type == NeighborMessageType.Advertisement) OnAdvertisement(message, hasMac, mac);
        else OnSolicitation(message, ip.Source, hasMac, mac, MacAddress.Read(frame[6..]));
    }

    private void OnAdvertisement(in NeighborMessage message, bool hasMac, MacAddress mac)
    {
        Counters.NeighborAnswersReceived++;
        if (gids.IndexOf(message.Target) >= 0 || !hasMac) return;
        // Without Override a different address does not displace a known one. RFC 4861 §7.2.5.
        if ((message.Flags & NeighborMessage.IsOverride) == 0 && neighbors.TryGetKnown(message.Target, out var known) && known != mac) return;
        neighbors.Learn(Gid.None, message.Target, mac, create: false);
    }

    private void OnSolicitation(in NeighborMessage message, Gid sender, bool hasMac, MacAddress mac, MacAddress senderMac)
    {
        if (gids.IndexOf(message.Target) < 0 || gids.IndexOf(sender) >= 0)
        {
            Counters.DroppedAddress++;
            return;
        }
        if (options.HostAnswersNeighbors)
        {
            if (hasMac && !sender.IsNone) neighbors.Learn(message.Target, sender, mac, create: true);
            return;
        }
        Counters.NeighborRequestsAnswered++;
        if (sender.IsNone) // Duplicate address detection: tell everybody. RFC 4862 §5.4.4.
        {
            SendNeighborMessage(new(NeighborMessageType.Advertisement, message.Target, NeighborMessage.IsOverride), message.Target, AllNodes, MulticastMac.Of(AllNodes));
            return;
        }
        if (hasMac) neighbors.Learn(message.Target, sender, mac, create: true);
        SendNeighborMessage(new(NeighborMessageType.Advertisement, message.Target, NeighborMessage.IsSolicited | NeighborMessage.IsOverride),
            message.Target, sender, hasMac ? mac : senderMac);
    }

    void INeighborWire.SendRequest(Gid source, Gid address, MacAddress? to)
    {
        if (address.IsIPv4)
        {
            SendArp(new(ArpOperation.Request, options.Mac, source.IPv4, default, address.IPv4), to ?? MacAddress.Broadcast);
            return;
        }
        var group = NeighborMessage.SolicitedNodeGroup(address);
        SendNeighborMessage(new(NeighborMessageType.Solicitation, address), source, to is null ? group : address, to ?? MulticastMac.Of(group));
    }

    private void SendArp(in ArpPacket arp, MacAddress to)
    {
        var frame = Rent();
        var at = WriteEthernet(frame, to, EtherType.Arp);
        arp.Write(frame.Buffer.AsSpan(at));
        frame.End = at + ArpPacket.Length;
        link.Send(frame);
    }

    private void SendNeighborMessage(in NeighborMessage message, Gid source, Gid destination, MacAddress to)
    {
        var frame = Rent();
        var at = WriteEthernet(frame, to, EtherType.IPv6);
        new Ipv6Header(source, destination, IpProtocol.IcmpV6, NeighborMessage.LengthWithMac, HopLimit: NeighborMessage.RequiredHopLimit)
            .Write(frame.Buffer.AsSpan(at));
        at += Ipv6Header.Length;
        message.Write(frame.Buffer.AsSpan(at), source, destination, options.Mac);
        frame.End = at + NeighborMessage.LengthWithMac;
        link.Send(frame);
    }

    /// <returns>Where the network header goes.</returns>
    private int WriteEthernet(Frame frame, MacAddress to, EtherType type)
    {
        var at = frame.Start = TransportOffset;
        var target = frame.Buffer.AsSpan();
        new EthernetHeader(to, options.Mac, options.VlanControl < 0 ? type : EtherType.Vlan).Write(target[at..]);
        at += EthernetHeader.Length;
        if (options.VlanControl < 0) return at;
        new VlanTag((ushort)options.VlanControl, type).Write(target[at..]);
        return at + VlanTag.Length;
    }
}
