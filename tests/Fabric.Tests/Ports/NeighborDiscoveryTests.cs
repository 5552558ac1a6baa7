using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Wire;
using Weft.Protocol.Ethernet;

namespace Weft.Fabric.Tests.Ports;

/// <summary>IPv6 neighbour discovery of a RoCE port, against frames made here. RFC 4861.</summary>
public sealed class NeighborDiscoveryTests
{
    private static readonly MacAddress MacA = new(0x5254_0009_000A), MacB = new(0x5254_0009_000B), MacC = new(0x5254_0009_000C);
    private static readonly Gid A = Gid.Parse("fd00:9::11"), B = Gid.Parse("fd00:9::12");

    private readonly ManualExecutor executor = new();
    private readonly FramePool frames = new();
    private readonly PortRig a;

    public NeighborDiscoveryTests() => a = new("a", new() { Mac = MacA, Addresses = [A] }, executor, frames);

    private static byte[] Message(
        NeighborMessage message, Gid source, Gid destination, MacAddress mac, byte hopLimit = 255, MacAddress? to = null, bool withOption = true)
    {
        var length = withOption ? NeighborMessage.LengthWithMac : NeighborMessage.Length;
        var frame = new byte[14 + 40 + NeighborMessage.LengthWithMac];
        new EthernetHeader(to ?? MacA, mac, EtherType.IPv6).Write(frame);
        new Ipv6Header(source, destination, IpProtocol.IcmpV6, (ushort)length, HopLimit: hopLimit).Write(frame.AsSpan(14));
        if (withOption) message.Write(frame.AsSpan(54), source, destination, mac);
        else
        {
            message.Write(frame.AsSpan(54));
            var sum = Protocol.Checksums.InternetChecksum.PseudoHeader(source, destination, 58, length);
            var checksum = Protocol.Checksums.InternetChecksum.Finish(Protocol.Checksums.InternetChecksum.Add(sum, frame.AsSpan(54, length)));
            (message with { Checksum = checksum }).Write(frame.AsSpan(54));
        }
        return frame[..(54 + length)];
    }

    private static (EthernetHeader Ethernet, Ipv6Header Ip, NeighborMessage Message, MacAddress Mac) Read(byte[] frame)
    {
        Assert.True(EthernetHeader.TryRead(frame, out var ethernet));
        Assert.True(Ipv6Header.TryRead(frame.AsSpan(14), out var ip));
        var icmp = frame.AsSpan(54);
        Assert.Equal(ip.PayloadLength, icmp.Length);
        Assert.True(NeighborMessage.IsChecksumCorrect(icmp, ip.Source, ip.Destination));
        Assert.True(NeighborMessage.TryRead(icmp, out var message));
        Assert.True(message.TryFindMac(icmp[24..], out var mac));
        Assert.Equal(255, ip.HopLimit);
        return (ethernet, ip, message with { Checksum = 0 }, mac);
    }

    private static NeighborMessage Advertisement(Gid target, uint flags) => new(NeighborMessageType.Advertisement, target, flags);

    [Fact]
    public void A_solicitation_goes_to_the_solicited_node_group()
    {
        a.Send(a.PathTo("fd00:9::12"));
        var (ethernet, ip, message, mac) = Read(a.Link.TakeSent());
        Assert.Equal(new EthernetHeader(new(0x3333_FF00_0012), MacA, EtherType.IPv6), ethernet);
        Assert.Equal((A, Gid.Parse("ff02::1:ff00:12")), (ip.Source, ip.Destination));
        Assert.Equal((new NeighborMessage(NeighborMessageType.Solicitation, B), MacA), (message, mac));
    }

    [Fact]
    public void A_solicitation_is_answered_and_its_sender_learnt()
    {
        a.Link.Receive(Message(new(NeighborMessageType.Solicitation, A), B, NeighborMessage.SolicitedNodeGroup(A), MacB, to: new(0x3333_FF00_0011)));
        var (ethernet, ip, message, mac) = Read(a.Link.TakeSent());
        Assert.Equal(MacB, ethernet.Destination);
        Assert.Equal((A, B), (ip.Source, ip.Destination));
        Assert.Equal((Advertisement(A, NeighborMessage.IsSolicited | NeighborMessage.IsOverride), MacA), (message, mac));
        a.Send(a.PathTo("fd00:9::12"));
        Assert.Equal(MacB, MacAddress.Read(a.Link.TakeSent()));
        Assert.Equal(0, a.Port.Counters.NeighborRequestsSent);
    }

    [Fact]
    public void A_solicitation_without_the_option_is_answered_to_the_frames_sender()
    {
        a.Link.Receive(Message(new(NeighborMessageType.Solicitation, A), B, A, MacB, withOption: false));
        Assert.Equal(MacB, Read(a.Link.TakeSent()).Ethernet.Destination);
        Assert.Equal(0, a.Port.NeighborCount);
    }

    [Fact]
    public void Duplicate_address_detection_is_answered_to_all_nodes()
    {
        a.Link.Receive(Message(new(NeighborMessageType.Solicitation, A), Gid.None, NeighborMessage.SolicitedNodeGroup(A), MacB, withOption: false));
        var (ethernet, ip, message, _) = Read(a.Link.TakeSent());
        Assert.Equal((new MacAddress(0x3333_0000_0001), Gid.Parse("ff02::1")), (ethernet.Destination, ip.Destination));
        Assert.Equal(Advertisement(A, NeighborMessage.IsOverride), message);
    }

    [Fact]
    public void The_link_local_address_is_answered_for_too()
    {
        var own = Gid.Parse("fe80::5054:ff:fe09:a");
        a.Link.Receive(Message(new(NeighborMessageType.Solicitation, own), B, own, MacB));
        Assert.Equal(own, Read(a.Link.TakeSent()).Message.Target);
    }

    [Fact]
    public void Solicitations_for_others_are_not_answered()
    {
        a.Link.Receive(Message(new(NeighborMessageType.Solicitation, B), Gid.Parse("fd00:9::13"), NeighborMessage.SolicitedNodeGroup(B), MacB, to: new(0x3333_FF00_0012)));
        Assert.Empty(a.Link.Sent);
        Assert.Equal((0, 1), (a.Port.NeighborCount, a.Port.Counters.DroppedAddress));
    }

    [Fact]
    public void An_advertisement_without_override_does_not_displace_a_known_address()
    {
        a.Verbs.Resolve(A, B, a);
        a.Link.Receive(Message(Advertisement(B, NeighborMessage.IsSolicited), B, A, MacB));
        Assert.Equal((B, true), a.Answers.Single());
        a.Link.Receive(Message(Advertisement(B, 0), B, A, MacC));
        Assert.Equal(MacB, Next());
        a.Link.Receive(Message(Advertisement(B, NeighborMessage.IsOverride), B, Gid.Parse("ff02::1"), MacC, to: new(0x3333_0000_0001)));
        Assert.Equal(MacC, Next());

        MacAddress Next()
        {
            a.Link.Sent.Clear();
            a.Send(a.PathTo("fd00:9::12"));
            return MacAddress.Read(a.Link.TakeSent());
        }
    }

    [Fact]
    public void Forwarded_damaged_and_foreign_messages_are_dropped()
    {
        a.Verbs.Resolve(A, B, a);
        a.Link.Sent.Clear();
        var good = Message(Advertisement(B, NeighborMessage.IsSolicited | NeighborMessage.IsOverride), B, A, MacB);
        a.Link.Receive(Message(Advertisement(B, NeighborMessage.IsSolicited), B, A, MacB, hopLimit: 254));
        a.Link.Receive(Message(Advertisement(Gid.Parse("ff02::1"), 0), B, A, MacB));
        a.Link.Receive(Message(Advertisement(B, 0) with { Code = 1 }, B, A, MacB));
        a.Link.Receive(good[..^1]);
        Assert.Equal(4, a.Port.Counters.DroppedMalformed);
        var damaged = (byte[])good.Clone();
        damaged[60] ^= 4;
        a.Link.Receive(damaged);
        Assert.Equal(1, a.Port.Counters.DroppedChecksum);
        a.Link.Receive(Message(Advertisement(A, NeighborMessage.IsOverride), A, Gid.Parse("ff02::1"), MacB));
        a.Link.Receive(Message(Advertisement(B, NeighborMessage.IsSolicited), B, A, MacB, withOption: false));
        Assert.Empty(a.Answers);
        a.Link.Receive(good);
        Assert.Equal((B, true), a.Answers.Single());
        Assert.Equal(0, frames.Outstanding);
    }

    [Fact]
    public void Other_ICMPv6_is_no_concern_of_the_port()
    {
        var echo = Message(new((NeighborMessageType)128, A), B, A, MacB);
        a.Link.Receive(echo);
        Assert.Equal(1, a.Port.Counters.DroppedProtocol);
    }
}
