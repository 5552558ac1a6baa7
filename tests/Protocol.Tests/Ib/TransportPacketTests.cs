using FsCheck;
using FsCheck.Fluent;
using Weft.Protocol.Ib;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Ib;

public sealed class TransportPacketTests
{
    private static readonly PKey Key = PKey.Default;
    private static readonly Qpn Peer = new(0x123456);
    private static readonly Psn Sequence = new(0xABCDEF);

    [Theory]
    [InlineData("", PacketFault.TooShort)]
    [InlineData("0400FFFF0000000100000000000000", PacketFault.TooShort)] // 15 bytes
    [InlineData("0400FFFF000000010000000000000000", PacketFault.None)]
    [InlineData("0401FFFF000000010000000000000000", PacketFault.Version)]
    [InlineData("1500FFFF000000010000000000000000", PacketFault.Opcode)]
    [InlineData("1100FFFF000000010000000000000000", PacketFault.HeaderCut)]
    [InlineData("1100FFFF00000001000000001F00000100000000", PacketFault.None)]
    [InlineData("1100FFFF00000001000000001F0000010000000000000000", PacketFault.UnexpectedPayload)]
    [InlineData("0400FFFF0000000100000000AA00000000", PacketFault.Alignment)]
    [InlineData("0410FFFF000000010000000000000000", PacketFault.Pad)]
    [InlineData("0430FFFF0000000100000000AA00000000000000", PacketFault.None)]
    public void Faults(string hex, PacketFault expected)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(expected, TransportPacket.TryParse(bytes, out _));
        if (expected != PacketFault.None) Assert.Contains("[IBA 9.", expected.ToViolation(bytes).ToString());
    }

    [Fact]
    public void Plain_and_its_pad()
    {
        var target = new byte[64];
        target.AsSpan().Fill(0xEE);
        var at = TransportBuilder.Plain(target, BthOpcode.RcSendOnly, Key, Peer, Sequence, ackRequest: true, solicited: true);
        "hello"u8.CopyTo(target.AsSpan(at));
        var end = TransportBuilder.Finish(target, at, 5);
        Assert.Equal("04B0FFFF0012345680ABCDEF68656C6C6F000000", Convert.ToHexString(target.AsSpan(0, end)));
        Assert.Equal(PacketFault.None, TransportPacket.TryParse(target.AsSpan(0, end + 4), out var packet));
        Assert.Equal("hello"u8.ToArray(), packet.Payload.ToArray());
        Assert.Equal(new Bth(BthOpcode.RcSendOnly, Key, Peer, Sequence, true, true, 3), packet.Bth);
        Assert.Equal((Peer, Sequence, Key, true, true, 3), (packet.DestQp, packet.Psn, packet.PKey, packet.Solicited, packet.AckRequest, packet.PadCount));
        Assert.Equal(0xEEEEEEEE, packet.StoredIcrc);
        Assert.False(packet.MigReq || packet.Fecn || packet.Becn);
        Assert.Equal(TransportService.ReliableConnection, packet.Service);
    }

    [Fact]
    public void Builders_write_what_the_headers_read()
    {
        Prop.ForAll<ulong, uint, uint>((a, b, c) =>
        {
            var d = a * 0x9E37_79B9_7F4A_7C15;
            var target = new byte[128];
            var (reth, aeth, atomic) = (new Reth(a, new(b), c), new Aeth((byte)b, c & 0xFFFFFF), new AtomicEth(a, new(b), d, a ^ d));

            var packet = Parse(target, TransportBuilder.Immediate(target, BthOpcode.RcSendLastImmediate, Key, Peer, Sequence, true, false, b), 4);
            Assert.Equal(b, packet.Immediate.Value);
            packet = Parse(target, TransportBuilder.Invalidate(target, BthOpcode.RcSendOnlyInvalidate, Key, Peer, Sequence, true, false, new(b)), 4);
            Assert.Equal(new RKey(b), packet.Invalidate.RKey);
            packet = Parse(target, TransportBuilder.Rdma(target, BthOpcode.RcReadRequest, Key, Peer, Sequence, true, reth), 0);
            Assert.Equal(reth, packet.Reth);
            packet = Parse(target, TransportBuilder.RdmaImmediate(target, BthOpcode.RcWriteOnlyImmediate, Key, Peer, Sequence, true, true, reth, c), 3);
            Assert.Equal((reth, c, 3), (packet.Reth, packet.Immediate.Value, packet.PayloadLength));
            packet = Parse(target, TransportBuilder.Atomic(target, BthOpcode.RcFetchAdd, Key, Peer, Sequence, true, atomic), 0);
            Assert.Equal(atomic, packet.AtomicEth);
            packet = Parse(target, TransportBuilder.Response(target, BthOpcode.RcReadResponseOnly, Key, Peer, Sequence, aeth), 7);
            Assert.Equal((aeth, 7, false), (packet.Aeth, packet.PayloadLength, packet.AckRequest));
            packet = Parse(target, TransportBuilder.AtomicAcknowledge(target, Key, Peer, Sequence, aeth, d), 0);
            Assert.Equal((aeth, d), (packet.Aeth, packet.AtomicAckEth.Original));
            packet = Parse(target, TransportBuilder.Datagram(target, BthOpcode.UdSendOnlyImmediate, Key, Peer, Sequence, false, false,
                new(new(b), new(c)), (uint)d), 256);
            Assert.Equal((new Deth(new(b), new(c)), (uint)d, 256), (packet.Deth, packet.Immediate.Value, packet.PayloadLength));
            packet = Parse(target, TransportBuilder.Datagram(target, BthOpcode.UdSendOnly, Key, Peer, Sequence, false, false, new(new(b), new(c))), 1);
            Assert.Equal((new Deth(new(b), new(c)), 1), (packet.Deth, packet.PayloadLength));
        }).QuickCheckThrowOnFailure();

        static TransportPacket Parse(byte[] target, int header, int payload)
        {
            if (target.Length < header + payload + 8) target = [.. target, .. new byte[payload + 8]];
            var end = TransportBuilder.Finish(target, header, payload);
            Assert.Equal(PacketFault.None, TransportPacket.TryParse(target.AsSpan(0, end + 4), out var packet));
            return packet;
        }
    }

    [Fact]
    public void Fuzzed_packets_never_throw_and_survive_rewriting()
    {
        List<byte[]> corpus = [.. Corpus.TransportPackets("rping.pcap"), .. Corpus.TransportPackets("perf-atomic.pcap"), .. Corpus.TransportPackets("udaddy.pcap"),
            .. Corpus.TransportPackets("iser-basic.pcap").Take(150)];
        var target = new byte[20_000];
        Fuzzer.Run(corpus, input =>
        {
            var fault = TransportPacket.TryParse(input, out var packet);
            if (fault != PacketFault.None) fault.ToViolation(input);
            if (fault is not (PacketFault.None or PacketFault.Alignment or PacketFault.Pad or PacketFault.UnexpectedPayload)) return;
            if (fault == PacketFault.None)
            {
                TransportRewriter.Rewrite(packet, target);
                if (!target.AsSpan(0, input.Length - 4).SequenceEqual(input[..^4])) throw new InvalidOperationException("rewritten packet differs");
            }
            _ = packet.Bth;
            _ = packet.Payload.Length + packet.Pad.Length + packet.StoredIcrc;
        });
    }
}
