using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Checksums;
using Weft.Protocol.Ethernet;
using Weft.Protocol.Roce;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Fabric.Engine.Ports;

/// <summary>
/// A RoCEv2 port: its MAC and IP addresses, ARP and neighbour discovery, and the way between transport packets and Ethernet frames.
/// The same over a simulated link and a real one. IBA annex A17. Allocates nothing per packet.
/// </summary>
public sealed partial class RocePort : IPacketPort, ILinkReceiver, INeighborWire
{
    private const int TransportOffset = Frame.TransportOffset;

    private readonly ILink link;
    private readonly RocePortOptions options;
    private readonly GidTable gids;
    private readonly NeighborTable neighbors;
    private readonly Loopback loopback;
    private IPacketSink? sink;
    private ushort identification;

    /// <param name="executor">The node's executor; everything here runs on it.</param>
    /// <param name="link">An Ethernet link that nobody else receives from.</param>
    /// <param name="options">Addresses; checked here, with an ArgumentException for what cannot be.</param>
    public RocePort(IExecutor executor, ILink link, RocePortOptions options)
    {
        if (link.Type != LinkType.Ethernet) throw new ArgumentException($"{link.Name} is no Ethernet link", nameof(link));
        if (options.Mac.IsMulticast || options.Mac.Value == 0) throw new ArgumentException($"{options.Mac} cannot be the MAC address of a port", nameof(options));
        (this.link, this.options) = (link, options);
        gids = new(options.Mac, options.Addresses);
        neighbors = new(executor, link.Name, options.Neighbors, Counters, this);
        loopback = new(executor.CreateLane($"{link.Name} loopback", ChoiceKind.Delivery), OnFrame);
        ActiveMtu = PathMtuExtensions.FromEthernet(link.Mtu);
    }

    public RocePortCounters Counters { get; } = new();
    public MacAddress Mac => options.Mac;
    /// <summary>Neighbours remembered now.</summary>
    public int NeighborCount => neighbors.Count;

    public byte Number => options.Number;
    public LinkType LinkType => LinkType.Ethernet;
    public PathMtu ActiveMtu { get; }
    public bool IsActive { get; private set; }
    public int GidTableLength => gids.Length;
    public int PKeyTableLength => options.PKeys.Count;

    /// <summary>An IPv4 GID's or IPv6 address's place in the table, or -1.</summary>
    public int IndexOf(Gid gid) => gids.IndexOf(gid);
    /// <summary>None behind the end of the table.</summary>
    public Gid GidAt(int index) => gids[index];
    public PKey PKeyAt(int index) => (uint)index < (uint)options.PKeys.Count ? options.PKeys[index] : default;

    void IPacketPort.Attach(IPacketSink sink)
    {
        if (this.sink is not null) throw new InvalidOperationException($"port {link.Name} has a device already");
        this.sink = sink;
        link.Attach(this);
        IsActive = link.IsUp;
    }

    public Frame Rent() => link.Frames.Rent();

    /// <summary>
    /// As Linux folds a flow label into a port (rdma_flow_label_to_udp_sport), or makes a label from two QPNs when there is none
    /// (rdma_calc_flow_label), so that both directions of a connection use the same port.
    /// </summary>
    public ushort FlowOf(in AddressVector path, Qpn local, Qpn remote)
    {
        var label = path.FlowLabel & 0xF_FFFF;
        if (label == 0)
        {
            var product = (ulong)local.Value * remote.Value;
            product ^= product >> 20;
            product ^= product >> 40;
            label = (uint)product & 0xF_FFFF;
        }
        return (ushort)(label & 0x3FFF ^ label >> 14 | 0xC000);
    }

    void IPacketPort.Resolve(Gid source, Gid destination, INeighborWaiter waiter)
    {
        if (!IsActive) waiter.OnNeighbor(destination, reachable: false);
        else if (destination.IsMulticast || gids.IndexOf(destination) >= 0) waiter.OnNeighbor(destination, reachable: true);
        else neighbors.Resolve(SourceFor(source, destination), NextHop(destination), destination, waiter);
    }

    public void Send(Frame frame, in AddressVector path, ushort flow)
    {
        if (!IsActive)
        {
            Counters.DroppedPortDown++;
            frame.Release();
            return;
        }
        var destination = path.DestinationGid;
        if (path.SourceGid.IsIPv4 != destination.IsIPv4) // no packet can have one of each
        {
            Counters.DroppedAddress++;
            frame.Release();
            return;
        }
        var envelope = new RoceEnvelope(default, options.Mac, path.SourceGid, destination, flow, identification, path.TrafficClass, path.FlowLabel,
            path.HopLimit, options.VlanControl);
        if (destination.IsIPv4) identification++;
        frame.Start = envelope.Wrap(frame.Buffer, TransportOffset, frame.End);
        frame.End += 4;
        if (IsOversize(frame))
        {
            Counters.DroppedOversize++;
            frame.Release();
            return;
        }
        var next = NextHop(destination);
        if (neighbors.TryGet(next, out var mac)) SendTo(frame, mac);
        else SendUncommon(frame, path.SourceGid, destination, next);
    }

    private void SendUncommon(Frame frame, Gid source, Gid destination, Gid next)
    {
        if (destination.IsMulticast)
        {
            // QPs of this very port may be members too. IBA Vol 1 §10.5.2.
            var own = link.Frames.Copy(frame);
            SendTo(frame, MulticastMac.Of(destination));
            SendToSelf(own, MulticastMac.Of(destination));
        }
        else if (gids.IndexOf(destination) >= 0) SendToSelf(frame, options.Mac);
        else neighbors.Enqueue(SourceFor(source, destination), next, frame);
    }

    private void SendTo(Frame frame, MacAddress mac)
    {
        mac.Write(frame.Buffer.AsSpan(frame.Start));
        Counters.Sent++;
        link.Send(frame);
    }

    private void SendToSelf(Frame frame, MacAddress mac)
    {
        mac.Write(frame.Buffer.AsSpan(frame.Start));
        Counters.Looped++;
        loopback.Send(frame);
    }

    void INeighborWire.SendResolved(Frame frame, MacAddress to) => SendTo(frame, to);

    public void OnLinkState(bool isUp)
    {
        if (isUp == IsActive) return;
        IsActive = isUp;
        if (!isUp) neighbors.Flush();
        sink?.OnPortState(this, isUp);
    }

    public void OnFrame(Frame frame)
    {
        var span = frame.Span;
        if (span.Length < EthernetHeader.Length) Counters.DroppedMalformed++;
        else if (!IsForThisStation(span)) Counters.DroppedMac++;
        else if (!IsOurVlan(span, out var type, out var network)) Counters.DroppedVlan++;
        else if (span.Length - network > link.Mtu) Counters.DroppedOversize++;
        else if (type == EtherType.Arp) OnArp(span[network..]);
        else if (type == EtherType.IPv6 && IsIcmpV6(span[network..])) OnIcmpV6(span, network);
        else OnIp(ref frame);
        frame.Release();
    }

    private bool IsForThisStation(ReadOnlySpan<byte> frame)
    {
        var destination = MacAddress.Read(frame);
        return destination == options.Mac || destination.IsMulticast;
    }

    /// <summary>Whether the frame belongs to the port's VLAN; a tag with VLAN 0 only carries a priority. IEEE 802.1Q §9.6.</summary>
    private bool IsOurVlan(ReadOnlySpan<byte> frame, out EtherType type, out int network)
    {
        type = (EtherType)ReadUInt16BigEndian(frame[12..]);
        network = EthernetHeader.Length;
        var vlan = 0;
        if (type == EtherType.Vlan && VlanTag.TryRead(frame[network..], out var tag))
        {
            (type, vlan) = (tag.EtherType, tag.Vlan);
            network += VlanTag.Length;
        }
        return vlan == (options.VlanControl < 0 ? 0 : options.VlanControl & 0xFFF);
    }

    private void OnIp(ref Frame frame)
    {
        var span = frame.Span;
        switch (RoceFrame.TryParse(span, out var parts))
        {
            case FrameFault.None:
                break;
            case FrameFault.NotRoce:
                Counters.DroppedProtocol++;
                return;
            case FrameFault.NetworkChecksum:
                Counters.DroppedChecksum++;
                return;
            default:
                Counters.DroppedMalformed++;
                return;
        }
        parts.ReadAddresses(span, out var source, out var destination);
        if (source.IsMulticast || gids.IndexOf(destination) < 0 && !destination.IsMulticast) Counters.DroppedAddress++;
        else if (!parts.IsUdpChecksumCorrect(span)) Counters.DroppedChecksum++;
        else if (!parts.IsIcrcCorrect(span)) Counters.DroppedIcrc++;
        else
        {
            Counters.Received++;
            frame = Align(frame, parts);
            var network = TransportOffset - (parts.TransportOffset - parts.NetworkOffset);
            sink?.OnPacket(this, frame, ReadSource(frame.Buffer.AsSpan(network), parts.IsIPv6, source, destination, network));
        }
    }

    private static PacketSource ReadSource(ReadOnlySpan<byte> ip, bool isIPv6, Gid source, Gid destination, int network)
    {
        if (!isIPv6) return new(source, destination, TrafficClass: ip[1], HopLimit: ip[8], FlowLabel: 0, network);
        var word = ReadUInt32BigEndian(ip);
        return new(source, destination, TrafficClass: (byte)(word >> 20), HopLimit: ip[7], FlowLabel: word & 0xF_FFFF, network);
    }

    /// <summary>
    /// The packet with its BTH at the offset where everybody expects it and its end behind the ICRC. Frames of our own engine lie right
    /// already; others (VLAN stripped, buffers filled by an operating system, padding) move, in a copy if somebody else reads them too.
    /// </summary>
    private Frame Align(Frame frame, RoceFrame parts)
    {
        var shift = TransportOffset - (frame.Start + parts.TransportOffset);
        if (shift == 0 && parts.End == frame.Length) return frame;
        var length = parts.End - parts.NetworkOffset;
        var from = frame.Buffer.AsSpan(frame.Start + parts.NetworkOffset, length);
        var start = frame.Start + parts.NetworkOffset + shift;
        if (frame.References > 1)
        {
            var copy = link.Frames.Rent();
            from.CopyTo(copy.Buffer.AsSpan(start));
            frame.Release();
            frame = copy;
        }
        else if (shift != 0) from.CopyTo(frame.Buffer.AsSpan(start));
        (frame.Start, frame.End) = (start, start + length);
        return frame;
    }

    private bool IsOversize(Frame frame) => frame.Length - EthernetHeader.Length - (options.VlanControl < 0 ? 0 : VlanTag.Length) > link.Mtu;

    private Gid NextHop(Gid destination)
    {
        var gateway = destination.IsIPv4 ? options.GatewayIPv4 : options.GatewayIPv6;
        return gateway.IsNone || destination.IsLinkLocal || destination.IsMulticast || gids.IsOnLink(destination) ? destination : gateway;
    }

    /// <summary>An own address of the same family, for asking: the given one if it is usable.</summary>
    private Gid SourceFor(Gid source, Gid destination)
    {
        if (source.IsIPv4 == destination.IsIPv4 && gids.IndexOf(source) >= 0) return source;
        for (var i = gids.Length - 1; i >= 0; i--)
            if (gids[i].IsIPv4 == destination.IsIPv4) return gids[i];
        return Gid.None;
    }
}
