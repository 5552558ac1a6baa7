using System.Buffers.Binary;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Ethernet;
using Weft.Protocol.Ib;
using Weft.Protocol.Roce;
using Weft.Protocol.Tests;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Fabric.Tests.Ports;

/// <summary>A port in the place of a Linux peer: what the peer's frames make it do, compared with what that peer did.</summary>
public sealed class LinuxPeerTests
{
    private static readonly MacAddress MacA = new(0x5254_0009_000A), MacB = new(0x5254_0009_000B);
    private readonly ManualExecutor executor = new();
    private readonly FramePool frames = new();

    private PortRig NewA() => new("a", new() { Mac = MacA, Addresses = [Gid.Parse("10.9.0.11"), Gid.Parse("fd00:9::11")] }, executor, frames, 4200);

    [Theory]
    [InlineData("rping.pcap")]
    [InlineData("iser-basic.pcap")]
    [InlineData("srp-abort-task.pcap")]
    public void ARP_requests_get_the_answer_that_Linux_gave(string name)
    {
        var arps = Corpus.Frames(name).Where(f => f[12] == 8 && f[13] == 6).ToList();
        var answered = 0;
        for (var i = 0; i + 1 < arps.Count; i++)
        {
            Assert.True(ArpPacket.TryRead(arps[i].AsSpan(14), out var request));
            if (request.Operation != ArpOperation.Request) continue;
            Assert.True(ArpPacket.TryRead(arps[i + 1].AsSpan(14), out var reply));
            Assert.Equal(request.TargetAddress, reply.SenderAddress);
            var a = new PortRig("a", new() { Mac = reply.SenderMac, Addresses = [Gid.FromIPv4(reply.SenderAddress)] }, executor, frames);
            a.Link.Receive(arps[i]);
            Assert.Equal(arps[i + 1][..42], a.Link.TakeSent());
            answered++;
        }
        Assert.NotEqual(0, answered);
    }

    [Theory]
    [InlineData("rping.pcap")]
    [InlineData("rping-ipv6.pcap")]
    [InlineData("iser-mtu4096.pcap")]
    [InlineData("perf-atomic.pcap")]
    [InlineData("udaddy.pcap")]
    [InlineData("iser-corrupt.pcap")]
    public void Every_good_packet_from_the_peer_arrives(string name)
    {
        var a = NewA();
        var expected = 0;
        foreach (var frame in Corpus.Frames(name))
        {
            if (MacAddress.Read(frame) != MacA) continue;
            if (RoceFrame.TryParse(frame, out var parts) == FrameFault.None && parts.IsIcrcCorrect(frame)) expected++;
            a.Link.Receive(frame);
        }
        Assert.NotEqual(0, expected);
        Assert.Equal(expected, a.Packets.Count);
        Assert.All(a.Packets, p => Assert.Equal(PacketFault.None, TransportPacket.TryParse(p.Transport, out _)));
        Assert.Equal(0, frames.Outstanding);
    }

    [Theory] // mad-cm: attribute 0x0010 is REQ; its flow label stands in the high 20 bits at offset 88 behind the 24-byte MAD header
    [InlineData("rping.pcap")]
    [InlineData("rping-ipv6.pcap")]
    [InlineData("iser-basic.pcap")]
    [InlineData("srp-basic.pcap")]
    public void UDP_ports_of_connections_are_folded_as_Linux_folds_them(string name)
    {
        var port = NewA().Port;
        var ports = new HashSet<ushort>();
        var used = new HashSet<ushort>();
        foreach (var frame in Corpus.Frames(name))
        {
            if (RoceFrame.TryParse(frame, out var parts) != FrameFault.None) continue;
            TransportPacket.TryParse(parts.Transport(frame), out var packet);
            if (packet.Service == TransportService.ReliableConnection) used.Add(parts.ReadEnvelope(frame).UdpSourcePort);
            var mad = packet.Payload;
            if (packet.DestQp != Qpn.Gsi || BinaryPrimitives.ReadUInt16BigEndian(mad[16..]) != 0x0010) continue;
            var label = BinaryPrimitives.ReadUInt32BigEndian(mad[(24 + 88)..]) >> 12;
            Assert.NotEqual(0u, label);
            ports.Add(port.FlowOf(new(default, default, FlowLabel: label), new(1), new(2)));
        }
        Assert.NotEmpty(used);
        Assert.Subset(ports, used);
    }

    [Fact]
    public void Fuzzed_frames_neither_throw_nor_leak()
    {
        var solicitation = new byte[86];
        new EthernetHeader(new(0x3333_FF00_0011), MacB, EtherType.IPv6).Write(solicitation);
        var (source, target) = (Gid.Parse("fd00:9::12"), Gid.Parse("fd00:9::11"));
        new Ipv6Header(source, NeighborMessage.SolicitedNodeGroup(target), IpProtocol.IcmpV6, 32, HopLimit: 255).Write(solicitation.AsSpan(14));
        new NeighborMessage(NeighborMessageType.Solicitation, target).Write(solicitation.AsSpan(54), source, NeighborMessage.SolicitedNodeGroup(target), MacB);
        List<byte[]> corpus = [solicitation, .. Corpus.Frames("rping.pcap"), .. Corpus.Frames("rping-ipv6.pcap"), .. Corpus.Frames("tcp-chap-none.pcap")];
        var a = NewA();
        a.Link.Records = a.Remembers = false;
        Fuzzer.Run(corpus, Fuzzer.Iterations, input =>
        {
            a.Link.Receive(input);
            if (frames.Outstanding != 0) throw new InvalidOperationException("a frame was leaked");
        }, maxLength: 9000);
        Assert.True(a.Port.NeighborCount <= new NeighborLimits().Capacity);
    }
}
