using Weft.Protocol.Capture;
using Weft.Protocol.Analysis;
using Weft.Protocol.Ethernet;
using Weft.Protocol.Ib;
using Weft.Protocol.Roce;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Roce;

public sealed class RoceFrameTests
{
    private static readonly MacAddress A = new(0x5254_0009_000A), B = new(0x5254_0009_000B);

    private static byte[] Wrap(RoceEnvelope envelope, string transport)
    {
        var bytes = Convert.FromHexString(transport);
        var buffer = new byte[200];
        bytes.CopyTo(buffer, 72);
        var end = 72 + bytes.Length;
        var start = envelope.Wrap(buffer, 72, end);
        Assert.Equal(72 - envelope.Length, start);
        return buffer[start..(end + 4)];
    }

    [Fact] // the vectors of IcrcTests, made from values
    public void Wrapping_gives_the_vectors()
    {
        var v1 = Wrap(new(B, A, Gid.Parse("10.0.0.1"), Gid.Parse("10.0.0.2"), 0xC123, 0x1234), "04b0ffff0000001280000abc68656c6c6f000000");
        Assert.Equal("52540009000B52540009000A0800" +
            "4500003412344000401114830A0000010A000002C12312B70020000004B0FFFF0000001280000ABC68656C6C6F0000003D7D539F", Convert.ToHexString(v1));
        var v2 = Wrap(new(B, A, Gid.Parse("fe80::1"), Gid.Parse("fe80::2"), 0xC456), "1100ffff0000003400000abc1f000001");
        Assert.Equal("52540009000B52540009000A86DD60000000001C1140FE800000000000000000000000000001FE800000000000000000000000000002" +
            "C45612B7001C00001100FFFF0000003400000ABC1F000001BD959EE1", Convert.ToHexString(v2));
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.2", -1, 42)]
    [InlineData("10.0.0.1", "10.0.0.2", 0x6064, 46)]
    [InlineData("fd00::1", "fd00::2", -1, 62)]
    [InlineData("fd00::1", "fd00::2", 5, 66)]
    public void The_envelope_is_read_back(string source, string destination, int vlan, int prefix)
    {
        var (s, d) = (Gid.Parse(source), Gid.Parse(destination));
        var envelope = new RoceEnvelope(B, A, s, d, 0xFFFF, d.IsIPv4 ? (ushort)0xBEEF : (ushort)0, 0xB8, d.IsIPv4 ? 0 : 0xABCDEu, 3, vlan);
        var frame = Wrap(envelope, "0400ffff0000001280000abc");
        Assert.Equal(prefix, frame.Length - Bth.Length - Icrc.Length);
        Assert.Equal(FrameFault.None, RoceFrame.TryParse(frame, out var parts));
        Assert.Equal(envelope, parts.ReadEnvelope(frame));
        Assert.True(parts.IsIcrcCorrect(frame));
        Assert.Equal(vlan >= 0, parts.IsTagged);
        parts.ReadAddresses(frame, out var from, out var to);
        Assert.Equal((s, d), (from, to));
        Assert.Equal(PacketFault.None, TransportPacket.TryParse(parts.Transport(frame), out var packet));
        var again = new byte[frame.Length];
        RoceRewriter.Rewrite(frame, parts, packet, again);
        Assert.Equal(frame, again);
        frame[^6] ^= 1;
        Assert.False(parts.IsIcrcCorrect(frame));
    }

    [Fact]
    public void Ethernet_padding_is_no_part_of_the_packet()
    {
        byte[] frame = [.. Wrap(new(B, A, Gid.Parse("10.0.0.1"), Gid.Parse("10.0.0.2"), 0xC000), "1100ffff0000001200000abc1f000001"), 0xDE, 0xAD];
        Assert.Equal(FrameFault.None, RoceFrame.TryParse(frame, out var parts));
        Assert.Equal(frame.Length - 2, parts.End);
        Assert.True(parts.IsIcrcCorrect(frame));
    }

    [Theory] // offset in the IPv4 frame, value, fault
    [InlineData(12, 0x07, FrameFault.NotRoce)]
    [InlineData(23, 6, FrameFault.NotRoce)]
    [InlineData(36, 0, FrameFault.NotRoce)]
    [InlineData(14, 0x46, FrameFault.NetworkHeader)]
    [InlineData(14, 0x65, FrameFault.NetworkHeader)]
    [InlineData(20, 0x20, FrameFault.Fragment)]
    [InlineData(16, 0xFF, FrameFault.Cut)]
    [InlineData(17, 27, FrameFault.Cut)]
    [InlineData(24, 0xEE, FrameFault.NetworkChecksum)]
    [InlineData(39, 1, FrameFault.UdpLength)]
    public void Faults_over_IPv4(int offset, int value, FrameFault expected)
    {
        var frame = Wrap(new(B, A, Gid.Parse("10.0.0.1"), Gid.Parse("10.0.0.2"), 0xC000), "0400ffff0000001280000abc");
        frame[offset] = (byte)value;
        Assert.Equal(expected, RoceFrame.TryParse(frame, out _));
        Assert.NotEqual("none", expected.ToViolation(frame).Rule);
    }

    [Fact]
    public void Every_cut_is_noticed()
    {
        foreach (var source in new[] { "10.0.0.1", "fd00::1" })
        {
            var frame = Wrap(new(B, A, Gid.Parse(source), Gid.Parse(source), 0xC000, VlanControl: 3), "0400ffff0000001280000abc");
            for (var length = 0; length < frame.Length; length++)
                Assert.Equal(FrameFault.Cut, RoceFrame.TryParse(frame.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void A_datagram_without_room_for_BTH_and_ICRC_is_too_short()
    {
        var frame = Wrap(new(B, A, Gid.Parse("fd00::1"), Gid.Parse("fd00::2"), 0xC000), "0400ffff00000012");
        Assert.Equal(FrameFault.TooShort, RoceFrame.TryParse(frame, out _));
    }

    [Fact]
    public void Fuzzed_frames_never_throw()
    {
        List<byte[]> corpus = [.. Corpus.Frames("rping.pcap"), .. Corpus.Frames("rping-ipv6.pcap"), .. Corpus.Frames("iser-corrupt.pcap").Take(100),
            .. Corpus.Frames("tcp-chap-none.pcap"),
            Wrap(new(B, A, Gid.Parse("fd00::1"), Gid.Parse("fd00::2"), 0xC000, VlanControl: 3), "0400ffff0000001280000abc")];
        Fuzzer.Run(corpus, input =>
        {
            var fault = RoceFrame.TryParse(input, out var parts);
            if (fault != FrameFault.None)
            {
                fault.ToViolation(input);
                return;
            }
            parts.IsIcrcCorrect(input);
            parts.ReadEnvelope(input);
            TransportPacket.TryParse(parts.Transport(input), out _);
        });
    }

    /// <summary>The ICRC leaves the UDP checksum out, so that only its own rule says that a receiver drops the packet. RFC 768.</summary>
    [Fact]
    public void A_wrong_UDP_checksum_damages_a_packet_whose_ICRC_is_right()
    {
        var frame = Corpus.Frames("rping.pcap").First(f => RoceFrame.TryParse(f, out _) == FrameFault.None);
        Assert.Equal(FrameFault.None, RoceFrame.TryParse(frame, out var parts));
        Assert.True(parts.IsUdpChecksumCorrect(frame));
        frame[parts.UdpOffset + 7] ^= 1;
        Assert.True(parts.IsIcrcCorrect(frame));
        Assert.False(parts.IsUdpChecksumCorrect(frame));
        Assert.Equal(WireVerdict.Damaged, WireReader.Read(frame, 1, Instant.Zero, CaptureDirection.Unknown, out _, out var violation));
        Assert.Equal("udp-checksum", violation!.Rule);
    }
}
