using FsCheck;
using FsCheck.Fluent;
using Weft.Protocol.Ethernet;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Ethernet;

public sealed class EthernetHeaderTests
{
    private delegate bool Reader<T>(ReadOnlySpan<byte> source, out T value);
    private delegate void Writer<T>(T value, Span<byte> target);

    private static void BytesSurvive<T>(int length, Reader<T> read, Writer<T> write, Action<byte[]>? make = null) =>
        Prop.ForAll(Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf(length).ToArbitrary(), source =>
        {
            make?.Invoke(source);
            Assert.True(read(source, out var value));
            var target = new byte[length + 8];
            target.AsSpan().Fill(0xA5);
            write(value, target);
            Assert.Equal(source, target[..length]);
            Assert.All(target[length..], b => Assert.Equal(0xA5, b));
            for (var i = 0; i < length; i++) Assert.False(read(source.AsSpan(0, i), out _));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ethernet_bytes_survive() => BytesSurvive<EthernetHeader>(14, EthernetHeader.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void Vlan_bytes_survive() => BytesSurvive<VlanTag>(4, VlanTag.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void Arp_bytes_survive() => BytesSurvive<ArpPacket>(28, ArpPacket.TryRead, (h, t) => h.Write(t),
        s => Convert.FromHexString("000108000604").CopyTo(s, 0));
    [Fact]
    public void Ipv4_bytes_survive() => BytesSurvive<Ipv4Header>(20, Ipv4Header.TryRead, (h, t) => h.Write(t),
        s => s[0] = (byte)(0x40 | Math.Max(5, s[0] & 15)));
    [Fact]
    public void Ipv6_bytes_survive() => BytesSurvive<Ipv6Header>(40, Ipv6Header.TryRead, (h, t) => h.Write(t), s => s[0] = (byte)(0x60 | s[0] & 15));
    [Fact]
    public void Udp_bytes_survive() => BytesSurvive<UdpHeader>(8, UdpHeader.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void Tcp_bytes_survive() => BytesSurvive<TcpHeader>(20, TcpHeader.TryRead, (h, t) => h.Write(t),
        s => s[12] = (byte)(Math.Max(5, s[12] >> 4) << 4 | s[12] & 15));
    [Fact]
    public void Neighbor_message_bytes_survive() => BytesSurvive<NeighborMessage>(24, NeighborMessage.TryRead, (h, t) => h.Write(t),
        s => s[0] = (byte)(135 + (s[0] & 1)));

    [Fact]
    public void Vlan_fields()
    {
        Assert.True(VlanTag.TryRead([0xB0, 0x05, 0x08, 0x00], out var tag));
        Assert.Equal((5, 5, true, EtherType.IPv4), (tag.Vlan, tag.Priority, tag.DropEligible, tag.EtherType));
    }

    [Fact]
    public void Headers_of_the_wrong_kind_are_refused()
    {
        Assert.False(Ipv4Header.TryRead(new byte[20], out _));
        Assert.False(Ipv4Header.TryRead([0x44, .. new byte[19]], out _));
        Assert.False(Ipv6Header.TryRead(new byte[40], out _));
        Assert.False(TcpHeader.TryRead(new byte[20], out _));
        Assert.False(NeighborMessage.TryRead(new byte[24], out _));
        Assert.False(ArpPacket.TryRead(new byte[28], out _));
    }

    [Fact] // RFC 1071 over a header of rping.pcap
    public void Ipv4_checksum()
    {
        var frame = Corpus.Frames("rping.pcap").First(f => f[12] == 8 && f[13] == 0);
        Assert.True(Ipv4Header.TryRead(frame.AsSpan(14), out var header));
        Assert.Equal(header, (header with { Checksum = 0 }).WithChecksum());
        Assert.True(Ipv4Header.IsChecksumCorrect(frame.AsSpan(14, 20)));
        Assert.Equal((Gid.Parse("10.9.0.12").IPv4, Gid.Parse("10.9.0.11").IPv4, IpProtocol.Udp, 20, false),
            (header.Source, header.Destination, header.Protocol, header.HeaderLength, header.IsFragment));
        frame[20] ^= 1;
        Assert.False(Ipv4Header.IsChecksumCorrect(frame.AsSpan(14, 20)));
    }

    [Fact]
    public void Arp_of_a_real_peer()
    {
        var frame = Corpus.Frames("rping.pcap").First(f => f[12] == 8 && f[13] == 6);
        Assert.True(ArpPacket.TryRead(frame.AsSpan(14), out var arp));
        var again = new byte[28];
        arp.Write(again);
        Assert.Equal(frame[14..42], again);
        Assert.Contains(arp.Operation, new[] { ArpOperation.Request, ArpOperation.Reply });
        Assert.Contains(new[] { arp.SenderAddress, arp.TargetAddress }, a => a == Gid.Parse("10.9.0.11").IPv4);
    }

    [Fact]
    public void Tcp_of_a_real_peer()
    {
        var syn = Corpus.Frames("tcp-chap-none.pcap")[0];
        Assert.True(TcpHeader.TryRead(syn.AsSpan(34), out var tcp));
        Assert.Equal((TcpFlags.Syn, (ushort)3260, 40), (tcp.Flags, tcp.DestinationPort, tcp.HeaderLength));
    }

    [Fact] // computed by hand: pseudo-header fe80::1, ff02::1:ff00:2, length 32, next header 58, then the message
    public void Neighbor_solicitation_with_its_option_and_checksum()
    {
        var (source, target) = (Gid.Parse("fe80::1"), Gid.Parse("fe80::2"));
        var group = NeighborMessage.SolicitedNodeGroup(target);
        Assert.Equal(Gid.Parse("ff02::1:ff00:2"), group);
        Assert.Equal(new MacAddress(0x3333_FF00_0002), MulticastMac.Of(group));
        var bytes = new byte[NeighborMessage.LengthWithMac];
        new NeighborMessage(NeighborMessageType.Solicitation, target).Write(bytes, source, group, new(0x5254_0009_000A));
        uint sum = 0xfe80 + 1 + 0xff02 + 1 + 0xff00 + 2 + 0x20 + 0x3a + 0x8700 + 0xfe80 + 2 + 0x0101 + 0x5254 + 0x0009 + 0x000a;
        var checksum = (ushort)~((sum & 0xFFFF) + (sum >> 16));
        Assert.Equal($"8700{checksum:X4}00000000FE8000000000000000000000000000020101525400" + "09000A", Convert.ToHexString(bytes));
        Assert.True(NeighborMessage.IsChecksumCorrect(bytes, source, group));
        Assert.False(NeighborMessage.IsChecksumCorrect(bytes, source, target));
        Assert.True(NeighborMessage.TryRead(bytes, out var message));
        Assert.True(message.TryFindMac(bytes.AsSpan(24), out var mac));
        Assert.Equal(new MacAddress(0x5254_0009_000A), mac);
    }

    [Fact]
    public void Neighbor_options_that_make_no_progress_or_are_cut_are_refused()
    {
        var message = new NeighborMessage(NeighborMessageType.Advertisement, Gid.Parse("fe80::1"));
        Assert.False(message.TryFindMac([1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 1, 2, 3, 4, 5, 6], out _));
        Assert.False(message.TryFindMac([2, 1, 1, 2, 3, 4, 5], out _));
        Assert.True(message.TryFindMac([14, 1, 0, 0, 0, 0, 0, 0, 2, 1, 1, 2, 3, 4, 5, 6], out var mac));
        Assert.Equal(new MacAddress(0x010203040506), mac);
    }

    [Fact]
    public void Multicast_mac_of_an_IPv4_group() => Assert.Equal(new MacAddress(0x0100_5E01_0203), MulticastMac.Of(Gid.Parse("239.129.2.3")));

    [Fact]
    public void Fuzzed_headers_never_throw()
    {
        var frames = Corpus.Frames("tcp-chap-none.pcap").Concat(Corpus.Frames("rping.pcap")).Concat(Corpus.Frames("rping-ipv6.pcap"));
        List<byte[]> corpus = [.. frames.Select(f => f[14..])];
        var ns = new byte[NeighborMessage.LengthWithMac];
        new NeighborMessage(NeighborMessageType.Solicitation, Gid.Parse("fe80::2")).Write(ns, Gid.Parse("fe80::1"), Gid.Parse("fe80::2"), new(1));
        corpus.Add(ns);
        Fuzzer.Run(corpus, input =>
        {
            ArpPacket.TryRead(input, out _);
            Ipv4Header.TryRead(input, out _);
            Ipv6Header.TryRead(input, out _);
            UdpHeader.TryRead(input, out _);
            TcpHeader.TryRead(input, out _);
            if (NeighborMessage.TryRead(input, out var message)) message.TryFindMac(input[NeighborMessage.Length..], out _);
            NeighborMessage.IsChecksumCorrect(input, message.Target, message.Target);
        });
    }
}
