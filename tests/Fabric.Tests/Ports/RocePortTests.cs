using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Ethernet;
using Weft.Protocol.Ib;
using Weft.Protocol.Roce;

namespace Weft.Fabric.Tests.Ports;

public sealed class RocePortTests
{
    private static readonly MacAddress MacA = new(0x5254_0009_000A), MacB = new(0x5254_0009_000B);
    private static readonly Gid A4 = Gid.Parse("10.9.0.11"), B4 = Gid.Parse("10.9.0.12"), A6 = Gid.Parse("fd00:9::11"), B6 = Gid.Parse("fd00:9::12");

    private readonly ManualExecutor executor = new();
    private readonly FramePool frames = new();

    private PortRig NewA(Func<RocePortOptions, RocePortOptions>? change = null, int mtu = 1500)
    {
        var options = new RocePortOptions { Mac = MacA, Addresses = [A6, A4] };
        return new("a", change?.Invoke(options) ?? options, executor, frames, mtu);
    }

    private (PortRig A, PortRig B) NewPair(int vlan = -1)
    {
        var a = NewA(o => o with { VlanControl = vlan });
        var b = new PortRig("b", new() { Mac = MacB, Addresses = [B4, B6], VlanControl = vlan }, executor, frames);
        (a.Link.Peer, b.Link.Peer) = (b.Link, a.Link);
        return (a, b);
    }

    private static byte[] ArpReply(Gid sender, MacAddress mac, Gid target, MacAddress to)
    {
        var frame = new byte[42];
        new EthernetHeader(to, mac, EtherType.Arp).Write(frame);
        new ArpPacket(ArpOperation.Reply, mac, sender.IPv4, to, target.IPv4).Write(frame.AsSpan(14));
        return frame;
    }

    private static byte[] Packet(RoceEnvelope envelope, string transport = "0400ffff0000001280000abc")
    {
        var bytes = Convert.FromHexString(transport);
        var buffer = new byte[300];
        bytes.CopyTo(buffer, 100);
        var start = envelope.Wrap(buffer, 100, 100 + bytes.Length);
        return buffer[start..(100 + bytes.Length + 4)];
    }

    private static RoceEnvelope FromB(Gid? to = null, Gid? from = null, MacAddress? mac = null) => new(mac ?? MacA, MacB, from ?? B4, to ?? A4, 0xC001, 7);

    [Fact]
    public void Gid_table_is_in_the_order_of_Linux()
    {
        var port = NewA().Port;
        Assert.Equal([Gid.Parse("fe80::5054:ff:fe09:a"), A4, A6], Enumerable.Range(0, port.GidTableLength).Select(port.GidAt));
        Assert.Equal(Gid.None, port.GidAt(3));
        Assert.Equal((1, -1), (port.IndexOf(A4), port.IndexOf(B4)));
        Assert.Equal((PKey.Default, default), (port.PKeyAt(0), port.PKeyAt(1)));
        Assert.Equal((PathMtu.Mtu1024, (byte)1, LinkType.Ethernet, true), (port.ActiveMtu, port.Number, port.LinkType, port.IsActive));
    }

    [Theory]
    [InlineData("224.0.0.1")]
    [InlineData("ff02::1")]
    [InlineData("::")]
    public void Groups_cannot_be_addresses_of_a_port(string address) =>
        Assert.Throws<ArgumentException>(() => NewA(o => o with { Addresses = [Gid.Parse(address)] }));

    [Fact]
    public void Options_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentException>(() => NewA(o => o with { Addresses = [A4, A4] }));
        Assert.Throws<ArgumentException>(() => NewA(o => o with { Mac = MacAddress.Broadcast }));
        Assert.Throws<ArgumentException>(() => NewA(o => o with { Addresses = [new PortAddress(A4, 33)] }));
        Assert.Throws<ArgumentException>(() => new RocePort(executor, new TestLink("ib", frames) { Type = LinkType.InfiniBand }, new() { Mac = MacA }));
    }

    [Fact]
    public void First_packet_asks_by_ARP_and_follows_the_answer()
    {
        var a = NewA();
        a.Send(a.PathTo("10.9.0.12"));
        var request = a.Link.TakeSent();
        Assert.Equal("FFFFFFFFFFFF52540009000A0806" + "0001080006040001" + "52540009000A0A09000B" + "0000000000000A09000C", Convert.ToHexString(request));
        a.Link.Receive(ArpReply(B4, MacB, A4, MacA));
        var packet = a.Link.TakeSent();
        Assert.Equal(FrameFault.None, RoceFrame.TryParse(packet, out var parts));
        Assert.True(parts.IsIcrcCorrect(packet));
        Assert.Equal(new RoceEnvelope(MacB, MacA, A4, B4, 0xC001, 0, 0, 0, 64), parts.ReadEnvelope(packet));
        Assert.Empty(executor.ArmedTimers);
        a.Send(a.PathTo("10.9.0.12"));
        RoceFrame.TryParse(a.Link.TakeSent(), out _);
        Assert.Equal((2, 1, 1, 0), (a.Port.Counters.Sent, a.Port.Counters.NeighborRequestsSent, a.Port.Counters.NeighborAnswersReceived, frames.Outstanding));
    }

    [Theory]
    [InlineData("10.9.0.12", -1)]
    [InlineData("fd00:9::12", -1)]
    [InlineData("fe80::5054:ff:fe09:b", -1)]
    [InlineData("10.9.0.12", 0x6005)]
    [InlineData("fd00:9::12", 0x6005)]
    public void Two_ports_find_each_other_and_packets_arrive_whole(string destination, int vlan)
    {
        var (a, b) = NewPair(vlan);
        var path = a.PathTo(destination, destination.StartsWith("fe80", StringComparison.Ordinal) ? "fe80::5054:ff:fe09:a" : null, 0xABCDE, 33, 0xB8);
        a.Send(path, payload: 1000);
        var (transport, source) = Assert.Single(b.Packets);
        Assert.Equal(PacketFault.None, TransportPacket.TryParse(transport, out var packet));
        Assert.Equal(1000, packet.PayloadLength);
        Assert.All(packet.Payload.ToArray(), x => Assert.Equal(0x55, x));
        var isV4 = destination.StartsWith("10.", StringComparison.Ordinal);
        Assert.Equal((path.SourceGid, path.DestinationGid, (byte)0xB8, (byte)33, isV4 ? 0u : 0xABCDEu),
            (source.SourceGid, source.DestinationGid, source.TrafficClass, source.HopLimit, source.FlowLabel));
        // The request taught the other side already: its answer needs none of its own.
        b.Send(b.PathTo(path.SourceGid.ToString(), destination));
        Assert.Single(a.Packets);
        Assert.Equal((1, 0), (a.Port.Counters.NeighborRequestsSent, b.Port.Counters.NeighborRequestsSent));
        Assert.Equal((0, 0, 0), (a.Port.Counters.Dropped, b.Port.Counters.Dropped, frames.Outstanding));
        Assert.Empty(executor.ArmedTimers);
    }

    [Fact]
    public void IPv4_identification_counts_and_the_hop_limit_and_class_come_from_the_path()
    {
        var (a, _) = NewPair();
        for (var i = 0; i < 3; i++) a.Send(a.PathTo("10.9.0.12", hopLimit: 9, trafficClass: 0x2A));
        var ids = a.Link.Sent.Where(f => RoceFrame.TryParse(f, out _) == FrameFault.None).Select(f =>
        {
            RoceFrame.TryParse(f, out var parts);
            var e = parts.ReadEnvelope(f);
            Assert.Equal((9, 0x2A), (e.HopLimit, e.TrafficClass));
            return (int)e.Identification;
        });
        Assert.Equal([0, 1, 2], ids);
    }

    [Theory]
    [InlineData(0x00001u, 0xC001)]
    [InlineData(0x04000u, 0xC001)]
    [InlineData(0xFFFFFu, 0xFFC0)]
    [InlineData(0xABCDEu, 0xFCF4)]
    public void UDP_port_of_a_flow_label(uint label, int expected)
    {
        var a = NewA();
        Assert.Equal(expected, a.Port.FlowOf(a.PathTo("10.9.0.12", flowLabel: label), new(1), new(2)));
    }

    [Fact]
    public void UDP_port_without_a_label_is_the_same_from_both_ends()
    {
        var a = NewA();
        var path = a.PathTo("10.9.0.12");
        Assert.Equal(a.Port.FlowOf(path, new(0x123456), new(0x9ABCDE)), a.Port.FlowOf(path, new(0x9ABCDE), new(0x123456)));
        Assert.Equal(0xC001, a.Port.FlowOf(path, Qpn.Gsi, Qpn.Gsi));
        Assert.True(a.Port.FlowOf(path, new(0xFFFFFF), new(0xFFFFFE)) >= 0xC000);
    }

    [Fact]
    public void A_neighbour_that_never_answers_is_asked_three_times_and_its_packets_dropped()
    {
        var a = NewA();
        a.Send(a.PathTo("10.9.0.12"));
        a.Verbs.Resolve(A4, B4, a);
        executor.Advance(Duration.FromSeconds(2.9));
        Assert.Equal(3, a.Link.Sent.Count);
        Assert.Empty(a.Answers);
        executor.Advance(Duration.FromSeconds(0.2));
        Assert.Equal((B4, false), Assert.Single(a.Answers));
        Assert.Equal((3, 1, 0, 0), (a.Link.Sent.Count, a.Port.Counters.DroppedUnreachable, frames.Outstanding, a.Port.NeighborCount));
        Assert.Empty(executor.ArmedTimers);
        // Asking again starts over.
        a.Verbs.Resolve(A4, B4, a);
        Assert.Equal(4, a.Link.Sent.Count);
        a.Link.Receive(ArpReply(B4, MacB, A4, MacA));
        Assert.Equal((B4, true), a.Answers[1]);
    }

    [Fact]
    public void Pending_packets_are_bounded_and_the_oldest_go_first()
    {
        var a = NewA();
        for (uint i = 0; i < 70; i++) a.Send(a.PathTo("10.9.0.12"), psn: i);
        Assert.Equal((6, 64), (a.Port.Counters.DroppedPendingFull, frames.Outstanding));
        a.Link.Sent.Clear();
        a.Link.Receive(ArpReply(B4, MacB, A4, MacA));
        var psns = a.Link.Sent.Select(f =>
        {
            RoceFrame.TryParse(f, out var parts);
            TransportPacket.TryParse(parts.Transport(f), out var packet);
            return packet.Psn.Value;
        });
        Assert.Equal(Enumerable.Range(6, 64).Select(i => (uint)i), psns);
        Assert.Equal(0, frames.Outstanding);
    }

    [Fact]
    public void Duplicate_answers_do_no_harm()
    {
        var a = NewA();
        a.Verbs.Resolve(A4, B4, a);
        for (var i = 0; i < 3; i++) a.Link.Receive(ArpReply(B4, MacB, A4, MacA));
        Assert.Single(a.Answers);
        Assert.Equal(1, a.Port.NeighborCount);
    }

    [Fact]
    public void An_answer_nobody_asked_for_is_not_remembered()
    {
        var a = NewA();
        a.Link.Receive(ArpReply(B4, MacB, A4, MacA));
        Assert.Equal(0, a.Port.NeighborCount);
    }

    [Fact]
    public void Resolving_a_known_neighbour_an_own_address_or_a_group_answers_at_once()
    {
        var (a, _) = NewPair();
        a.Verbs.Resolve(A4, B4, a);
        a.Verbs.Resolve(A4, B4, a);
        a.Verbs.Resolve(A4, A4, a);
        a.Verbs.Resolve(A4, Gid.Parse("239.0.0.1"), a);
        Assert.Equal([(B4, true), (B4, true), (A4, true), (Gid.Parse("239.0.0.1"), true)], a.Answers);
        Assert.Equal(1, a.Port.Counters.NeighborRequestsSent);
    }

    [Fact]
    public void An_old_entry_is_used_and_verified_by_a_direct_request()
    {
        var (a, b) = NewPair();
        a.Send(a.PathTo("10.9.0.12"));
        a.Link.Sent.Clear();
        executor.Advance(Duration.FromSeconds(29));
        a.Send(a.PathTo("10.9.0.12"));
        Assert.Single(a.Link.Sent);
        executor.Advance(Duration.FromSeconds(2));
        a.Link.Sent.Clear();
        a.Send(a.PathTo("10.9.0.12"));
        Assert.Equal(2, a.Link.Sent.Count);
        Assert.Equal(MacB, MacAddress.Read(a.Link.Sent[0]));
        Assert.Equal(3, b.Packets.Count);
        Assert.Empty(executor.ArmedTimers);
    }

    [Fact]
    public void A_neighbour_that_vanished_is_forgotten_after_three_direct_requests()
    {
        var (a, b) = NewPair();
        a.Send(a.PathTo("fd00:9::12"));
        a.Link.Peer = null;
        executor.Advance(Duration.FromSeconds(31));
        a.Link.Sent.Clear();
        a.Send(a.PathTo("fd00:9::12"));
        executor.Advance(Duration.FromSeconds(4));
        Assert.Equal(0, a.Port.NeighborCount);
        Assert.Equal(3 + 1, a.Link.Sent.Count);
        Assert.All(a.Link.Sent, f => Assert.Equal(MacB, MacAddress.Read(f)));
        // Moved to another card: the next packet finds it by asking everybody.
        var moved = new PortRig("b2", new() { Mac = new(0x5254_0009_0C0C), Addresses = [B6] }, executor, frames);
        (a.Link.Peer, moved.Link.Peer) = (moved.Link, a.Link);
        a.Send(a.PathTo("fd00:9::12"));
        Assert.Single(moved.Packets);
        Assert.Single(b.Packets);
    }

    [Fact]
    public void A_gratuitous_ARP_updates_but_does_not_create()
    {
        var (a, _) = NewPair();
        a.Verbs.Resolve(A4, B4, a);
        a.Link.Peer = null;
        var elsewhere = new MacAddress(0x5254_0009_0D0D);
        var gratuitous = new byte[42];
        new EthernetHeader(MacAddress.Broadcast, elsewhere, EtherType.Arp).Write(gratuitous);
        new ArpPacket(ArpOperation.Request, elsewhere, B4.IPv4, default, B4.IPv4).Write(gratuitous.AsSpan(14));
        a.Link.Receive(gratuitous);
        new ArpPacket(ArpOperation.Request, elsewhere, 0x0A090063, default, 0x0A090063).Write(gratuitous.AsSpan(14));
        a.Link.Receive(gratuitous);
        Assert.Equal(1, a.Port.NeighborCount);
        a.Link.Sent.Clear();
        a.Send(a.PathTo("10.9.0.12"));
        Assert.Equal(elsewhere, MacAddress.Read(a.Link.TakeSent()));
    }

    [Fact]
    public void A_claim_to_an_own_address_is_neither_learnt_nor_answered()
    {
        var a = NewA();
        a.Link.Receive(ArpReply(A4, MacB, A4, MacA));
        Assert.Equal((0, 1), (a.Port.NeighborCount, a.Port.Counters.DroppedAddress));
        Assert.Empty(a.Link.Sent);
    }

    [Fact]
    public void An_ARP_probe_is_answered_without_learning()
    {
        var a = NewA();
        var probe = new byte[42];
        new EthernetHeader(MacAddress.Broadcast, MacB, EtherType.Arp).Write(probe);
        new ArpPacket(ArpOperation.Request, MacB, 0, default, A4.IPv4).Write(probe.AsSpan(14));
        a.Link.Receive(probe);
        Assert.True(ArpPacket.TryRead(a.Link.TakeSent().AsSpan(14), out var reply));
        Assert.Equal(new ArpPacket(ArpOperation.Reply, MacA, A4.IPv4, MacB, 0), reply);
        Assert.Equal(0, a.Port.NeighborCount);
    }

    [Fact]
    public void On_the_hosts_own_address_questions_are_left_to_the_host_but_their_askers_are_remembered()
    {
        var a = NewA(o => o with { HostAnswersNeighbors = true });
        var question = new byte[42];
        new EthernetHeader(MacAddress.Broadcast, MacB, EtherType.Arp).Write(question);
        new ArpPacket(ArpOperation.Request, MacB, B4.IPv4, default, A4.IPv4).Write(question.AsSpan(14));
        a.Link.Receive(question);
        Assert.Empty(a.Link.Sent);
        a.Verbs.Resolve(A4, B4, a);
        Assert.Equal((B4, true), a.Answers.Last());
        Assert.Empty(a.Link.Sent);
    }

    [Fact]
    public void The_neighbour_table_is_bounded_and_idle_entries_make_room()
    {
        var a = NewA(o => o with { Neighbors = new() { Capacity = 2 } });
        Learn("10.9.0.20");
        Learn("10.9.0.21");
        a.Send(a.PathTo("10.9.0.22"));
        Assert.Equal((2, 1), (a.Port.NeighborCount, a.Port.Counters.DroppedNeighborFull));
        a.Verbs.Resolve(A4, Gid.Parse("10.9.0.23"), a);
        Assert.False(a.Answers.Last().Reachable);
        executor.Advance(Duration.FromSeconds(31));
        Learn("10.9.0.24"); // takes the place of .20, the older
        a.Link.Sent.Clear();
        a.Verbs.Resolve(A4, Gid.Parse("10.9.0.21"), a);
        Assert.True(a.Answers.Last().Reachable);
        Assert.Equal((2, 0), (a.Port.NeighborCount, frames.Outstanding));

        void Learn(string address)
        {
            a.Verbs.Resolve(A4, Gid.Parse(address), a);
            a.Link.Receive(ArpReply(Gid.Parse(address), MacB, A4, MacA));
            Assert.Equal((Gid.Parse(address), true), a.Answers.Last());
        }
    }

    [Fact]
    public void Off_link_destinations_go_to_the_gateway()
    {
        var (a, b) = NewPair();
        var routed = NewA(o => o with { GatewayIPv4 = B4, GatewayIPv6 = B6 });
        (routed.Link.Peer, b.Link.Peer) = (b.Link, routed.Link);
        routed.Verbs.Resolve(A4, Gid.Parse("192.0.2.1"), routed);
        routed.Verbs.Resolve(A6, Gid.Parse("2001:db8::1"), routed);
        Assert.Equal([(Gid.Parse("192.0.2.1"), true), (Gid.Parse("2001:db8::1"), true)], routed.Answers);
        routed.Send(routed.PathTo("192.0.2.1"));
        var sent = routed.Link.Sent.Last();
        Assert.Equal(MacB, MacAddress.Read(sent));
        RoceFrame.TryParse(sent, out var parts);
        Assert.Equal(Gid.Parse("192.0.2.1"), parts.ReadEnvelope(sent).Destination);
        Assert.Equal(1, b.Port.Counters.DroppedAddress); // no router, that one
        _ = a;
    }

    [Theory]
    [InlineData("10.9.0.11", "10.9.0.200", 24, true)]
    [InlineData("10.9.0.11", "10.9.1.11", 24, false)]
    [InlineData("10.9.0.11", "10.10.0.1", 8, true)]
    [InlineData("10.9.0.11", "fd00::1", 0, false)]
    [InlineData("10.9.0.11", "1.2.3.4", 0, true)]
    [InlineData("fd00:9::11", "fd00:9::ffff", 64, true)]
    [InlineData("fd00:9::11", "fd00:9:0:1::11", 64, false)]
    [InlineData("fd00:9::11", "fd00:9::12", 127, false)]
    [InlineData("fd00:9::10", "fd00:9::11", 127, true)]
    public void On_link_prefixes(string own, string other, int prefix, bool covered) =>
        Assert.Equal(covered, new PortAddress(Gid.Parse(own), prefix).Covers(Gid.Parse(other)));

    [Fact]
    public void Asking_uses_an_own_address_whatever_source_the_path_names()
    {
        var a = NewA();
        a.Verbs.Resolve(B4, B4, a); // no address of this port
        Assert.True(ArpPacket.TryRead(a.Link.TakeSent().AsSpan(14), out var arp));
        Assert.Equal(A4.IPv4, arp.SenderAddress);
        a.Verbs.Resolve(A4, B6, a); // of the other family
        Assert.True(Ipv6Header.TryRead(a.Link.TakeSent().AsSpan(14), out var ip));
        Assert.Equal(A6, ip.Source);
    }

    [Fact]
    public void A_packet_to_an_own_address_comes_back_through_the_executor()
    {
        var a = NewA();
        a.Send(a.PathTo("10.9.0.11"), psn: 1);
        a.Send(a.PathTo("fd00:9::11"), psn: 2);
        Assert.Empty(a.Packets);
        executor.RunWork();
        Assert.Equal([A4, A6], a.Packets.Select(p => p.Source.SourceGid));
        Assert.Empty(a.Link.Sent);
        Assert.Equal((2, 0, 0), (a.Port.Counters.Looped, a.Port.Counters.Sent, frames.Outstanding));
    }

    [Theory]
    [InlineData("239.1.2.3", 0x0100_5E01_0203ul)]
    [InlineData("ff05::1:2", 0x3333_0001_0002ul)]
    public void Multicast_goes_to_the_groups_MAC_and_to_own_members(string group, ulong mac)
    {
        var (a, b) = NewPair();
        a.Send(a.PathTo(group));
        executor.RunWork();
        Assert.Equal(new MacAddress(mac), MacAddress.Read(a.Link.TakeSent()));
        Assert.Equal(Gid.Parse(group), b.Packets.Single().Source.DestinationGid);
        Assert.Equal(Gid.Parse(group), a.Packets.Single().Source.DestinationGid);
        Assert.Equal(0, frames.Outstanding);
    }

    public static TheoryData<string, Action<RocePortCounters>> Drops { get; } = new()
    {
        { "mac", c => Assert.Equal(1, c.DroppedMac) },
        { "vlan", c => Assert.Equal(1, c.DroppedVlan) },
        { "protocol", c => Assert.Equal(1, c.DroppedProtocol) },
        { "ethertype", c => Assert.Equal(1, c.DroppedProtocol) },
        { "cut", c => Assert.Equal(1, c.DroppedMalformed) },
        { "runt", c => Assert.Equal(1, c.DroppedMalformed) },
        { "ip checksum", c => Assert.Equal(1, c.DroppedChecksum) },
        { "udp checksum", c => Assert.Equal(1, c.DroppedChecksum) },
        { "icrc", c => Assert.Equal(1, c.DroppedIcrc) },
        { "address", c => Assert.Equal(1, c.DroppedAddress) },
        { "group as sender", c => Assert.Equal(1, c.DroppedAddress) },
        { "oversize", c => Assert.Equal(1, c.DroppedOversize) },
        { "arp", c => Assert.Equal(1, c.DroppedMalformed) },
    };

    [Theory, MemberData(nameof(Drops))]
    public void Every_drop_has_its_counter(string what, Action<RocePortCounters> check)
    {
        var a = NewA();
        var good = Packet(FromB());
        a.Link.Receive(good);
        Assert.Single(a.Packets);
        var bad = (byte[])good.Clone();
        switch (what)
        {
            case "mac": bad = Packet(FromB(mac: MacB)); break;
            case "vlan": bad = Packet(FromB() with { VlanControl = 7 }); break;
            case "protocol": bad[36] = 0; break; // UDP port
            case "ethertype": bad[12] = 0x88; break;
            case "cut": bad = bad[..^1]; break;
            case "runt": bad = bad[..13]; break;
            case "ip checksum": bad[22] ^= 1; break; // TTL
            case "udp checksum": bad[40] ^= 1; break;
            case "icrc": bad[^6] ^= 1; break;
            case "address": bad = Packet(FromB(to: B4)); break;
            case "group as sender": bad = Packet(FromB(from: Gid.Parse("224.0.0.9"))); break;
            case "oversize": bad = [.. good, .. new byte[1500]]; break;
            case "arp": bad = ArpReply(B4, MacB, A4, MacA)[..41]; break;
        }
        a.Link.Receive(bad);
        Assert.Single(a.Packets);
        check(a.Port.Counters);
        Assert.Equal((1, 0), (a.Port.Counters.Dropped, frames.Outstanding));
    }

    [Fact]
    public void A_UDP_checksum_that_is_right_is_accepted()
    {
        var a = NewA();
        foreach (var envelope in new[] { FromB(), FromB(A6, B6) })
        {
            var frame = Packet(envelope);
            RoceFrame.TryParse(frame, out var parts);
            var udp = frame.AsSpan(parts.UdpOffset..parts.End);
            var sum = Protocol.Checksums.InternetChecksum.PseudoHeader(envelope.Source, envelope.Destination, 17, udp.Length);
            var checksum = Protocol.Checksums.InternetChecksum.Finish(Protocol.Checksums.InternetChecksum.Add(sum, udp));
            (udp[6], udp[7]) = ((byte)(checksum >> 8), (byte)checksum);
            a.Link.Receive(frame);
        }
        Assert.Equal(2, a.Packets.Count);
    }

    [Theory]
    [InlineData(30)] // as an Ethernet header with IPv4 lies already
    [InlineData(0)]
    [InlineData(10)] // IPv6 lies already
    [InlineData(200)]
    public void Frames_are_moved_to_where_the_engine_expects_them(int at)
    {
        var a = NewA();
        a.Link.Receive(Packet(FromB()), at);
        a.Link.Receive([.. Packet(FromB(A6, B6)), 1, 2, 3], at);
        a.Link.Receive(Packet(FromB() with { VlanControl = 0xE000 }), at); // priority tag
        Assert.Equal(3, a.Packets.Count);
        Assert.All(a.Packets, p => Assert.Equal("0400FFFF0000001280000ABC", Convert.ToHexString(p.Transport.AsSpan(0, 12))));
        Assert.All(a.Packets, p => Assert.Equal(16, p.Transport.Length));
        Assert.Equal(0, frames.Outstanding);
    }

    [Fact]
    public void A_frame_that_others_hold_is_moved_in_a_copy()
    {
        var a = NewA();
        var bytes = Packet(FromB());
        var frame = frames.Rent();
        bytes.CopyTo(frame.Buffer.AsSpan(0));
        (frame.Start, frame.End) = (0, bytes.Length);
        frame.AddReference();
        ((ILinkReceiver)a.Port).OnFrame(frame);
        Assert.Single(a.Packets);
        Assert.Equal(bytes, frame.Span.ToArray());
        Assert.Equal((1, 1), (frame.References, frames.Outstanding));
        frame.Release();
    }

    [Fact]
    public void Only_the_ports_VLAN_is_heard()
    {
        var a = NewA(o => o with { VlanControl = 0x6005 });
        a.Link.Receive(Packet(FromB() with { VlanControl = 5 }));
        a.Link.Receive(Packet(FromB() with { VlanControl = 6 }));
        a.Link.Receive(Packet(FromB()));
        Assert.Single(a.Packets);
        Assert.Equal(2, a.Port.Counters.DroppedVlan);
    }

    [Fact]
    public void A_port_that_went_down_drops_forgets_and_tells()
    {
        var (a, b) = NewPair();
        a.Send(a.PathTo("10.9.0.12"));
        a.Send(a.PathTo("10.9.0.99"));
        a.Verbs.Resolve(A4, Gid.Parse("10.9.0.98"), a);
        a.Link.SetUp(false);
        a.Link.SetUp(false);
        Assert.Equal([false], a.States);
        Assert.Equal((Gid.Parse("10.9.0.98"), false), Assert.Single(a.Answers));
        Assert.Equal((0, 0), (a.Port.NeighborCount, frames.Outstanding));
        Assert.Empty(executor.ArmedTimers);
        a.Send(a.PathTo("10.9.0.12"));
        a.Verbs.Resolve(A4, B4, a);
        Assert.Equal((B4, false), a.Answers.Last());
        Assert.Equal((1, 1), (a.Port.Counters.DroppedPortDown, a.Port.Counters.DroppedUnreachable));
        a.Link.SetUp(true);
        a.Send(a.PathTo("10.9.0.12"));
        Assert.Equal([false, true], a.States);
        Assert.Equal(2, b.Packets.Count);
    }

    [Fact]
    public void Packets_that_cannot_be_are_not_sent()
    {
        var (a, b) = NewPair();
        a.Send(new(A4, B6));
        a.Send(a.PathTo("10.9.0.12"), payload: 1500);
        Assert.Empty(b.Packets);
        Assert.Equal((1, 1, 0), (a.Port.Counters.DroppedAddress, a.Port.Counters.DroppedOversize, frames.Outstanding));
    }

    [Fact]
    public void The_longest_packet_of_the_active_MTU_fits()
    {
        foreach (var (mtu, path) in new[] { (1500, PathMtu.Mtu1024), (4200, PathMtu.Mtu4096), (2200, PathMtu.Mtu2048), (400, PathMtu.Mtu256) })
        {
            var a = NewA(mtu: mtu);
            Assert.Equal(path, a.Port.ActiveMtu);
            a.Send(a.PathTo("fd00:9::11"), payload: path.Bytes());
            executor.RunWork();
            Assert.Single(a.Packets);
        }
    }

    [Fact]
    public void A_port_takes_one_device() => Assert.Throws<InvalidOperationException>(() => NewA() is var a && a.Verbs is var v ? Twice(v, a) : 0);

    private static int Twice(IPacketPort port, IPacketSink sink)
    {
        port.Attach(sink);
        return 0;
    }

    [Fact]
    public void Nothing_is_allocated_per_packet()
    {
        var (a, b) = NewPair();
        a.Link.Records = b.Link.Records = a.Remembers = b.Remembers = false;
        var (path4, path6, self) = (a.PathTo("10.9.0.12"), a.PathTo("fd00:9::12"), a.PathTo("10.9.0.11"));
        Burst();
        Assert.Equal(0, Steady.AllocatedBytes(Burst));
        Assert.True(b.Port.Counters.Received >= 800 && b.Port.Counters.Received % 400 == 0, $"{b.Port.Counters.Received} packets arrived");

        void Burst()
        {
            for (var i = 0; i < 200; i++)
            {
                a.Send(path4, 1024);
                a.Send(path6, 1024);
                a.Send(self, 64);
                executor.RunWork();
            }
        }
    }
}
