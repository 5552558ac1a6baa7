using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Tests.Engine.Rig;
using Weft.Fabric.Verbs;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Tests.Engine;

/// <summary>UC and UD queue pairs and QP1. IBA Vol 1 §9.8, §10.2.2, §10.5.2, §13.5.</summary>
public class UnreliableTests
{
    public static TheoryData<int> Lengths => [0, 1, 255, 256, 257, 3000];

    [Theory, MemberData(nameof(Lengths))]
    public void UC_send_and_write_arrive(int length)
    {
        var rig = new Pairing(QpType.UnreliableConnected);
        rig.B.Receive(1, 100_000, 5000);
        rig.B.Receive(2, 0, 0);
        rig.A.Post(WorkOpcode.Send, 1, 0, length, flags: SendFlags.Signaled | SendFlags.Solicited);
        rig.A.Post(WorkOpcode.RdmaWrite, 2, 0, length, rig.B, 200_000);
        rig.A.Post(WorkOpcode.RdmaWriteWithImmediate, 3, 0, length, rig.B, 300_000, immediate: 9);
        Assert.Equal([1UL, 2, 3], rig.A.Sent().Select(c => c.Id)); // nothing to wait for
        rig.Run();
        Assert.Equal([(1UL, (uint)length, CompletionOpcode.Receive, 0U), (2UL, (uint)length, CompletionOpcode.ReceiveRdmaWithImmediate, 9U)],
            rig.B.Received().Select(c => (c.Id, c.ByteLength, c.Opcode, c.ImmediateOrKey)));
        foreach (var at in new[] { 100_000, 200_000, 300_000 }) Assert.True(rig.A.Bytes(0, length).SequenceEqual(rig.B.Bytes(at, length)));
        Assert.All(rig.Wire.Log, s => Assert.Equal("A", s.From));
        Assert.All(rig.Wire.Log, s => Assert.False(s.AckRequest));
    }

    [Fact]
    public void UC_message_with_a_gap_is_lost_whole_and_its_receive_used_again()
    {
        for (var lost = 0; lost < 4; lost++)
        {
            var rig = new Pairing(QpType.UnreliableConnected);
            rig.Wire.Policy = s => s.Index == lost ? Fate.Drop : Fate.Deliver;
            rig.B.Receive(1, 0, 2000);
            rig.B.Receive(2, 2000, 2000);
            rig.A.Post(WorkOpcode.Send, 1, 0, 1000);
            rig.A.Post(WorkOpcode.Send, 2, 5000, 900);
            rig.Run();
            Assert.Equal((1UL, CompletionStatus.Success, 900U), rig.B.Received().Select(c => (c.Id, c.Status, c.ByteLength)).Single());
            Assert.True(rig.A.Bytes(5000, 900).SequenceEqual(rig.B.Bytes(0, 900)));
        }
    }

    [Fact]
    public void UC_drops_what_it_may_not_do_and_goes_on()
    {
        var rig = new Pairing(QpType.UnreliableConnected);
        rig.A.Post(WorkOpcode.Send, 1, 0, 100); // no receive
        rig.A.Post(WorkOpcode.RdmaWrite, 2, 0, 100, rig.B, key: new(0x999));
        rig.A.Post(WorkOpcode.RdmaWriteWithImmediate, 3, 0, 100, rig.B, 5000);
        rig.Run();
        rig.B.Receive(4, 0, 100);
        rig.A.Post(WorkOpcode.Send, 4, 0, 101); // too long
        rig.A.Post(WorkOpcode.Send, 5, 0, 100);
        rig.Run();
        Assert.Equal((4UL, 100U), rig.B.Received().Select(c => (c.Id, c.ByteLength)).Single());
        Assert.Equal(QpState.ReadyToSend, rig.B.Qp.State);
        Assert.Empty(rig.B.Events);
    }

    [Theory, InlineData(WorkOpcode.RdmaRead), InlineData(WorkOpcode.FetchAdd), InlineData(WorkOpcode.SendWithInvalidate)]
    public void UC_does_not_offer(WorkOpcode opcode)
    {
        var rig = new Pairing(QpType.UnreliableConnected);
        Assert.Equal(VerbsErrorCode.NotSupported, rig.A.Qp.PostSend(new() { Opcode = opcode }, [rig.A.Sge(0, 8)])!.Code);
    }

    [Theory, InlineData(QpType.UnreliableConnected), InlineData(QpType.UnreliableDatagram)]
    public void Failing_send_stops_the_send_queue_only(QpType type)
    {
        var rig = new Pairing(type);
        rig.B.Receive(1, 0, 100);
        var request = new SendRequest
        {
            Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled, RemoteQpn = rig.B.Qp.Number, RemoteQKey = new(0x1234),
            AddressHandle = rig.A.Domain.CreateAddressHandle(rig.Path(rig.A, rig.B)),
        };
        Assert.Null(rig.A.Qp.PostSend(request with { Id = 1 }, [new(1, 8, new(0x99))]));
        Assert.Null(rig.A.Qp.PostSend(request with { Id = 2 }, []));
        Assert.Equal(QpState.SendQueueError, rig.A.Qp.State);
        rig.Run();
        Assert.Equal([(1UL, CompletionStatus.LocalProtectionError), (2UL, CompletionStatus.Flushed)], rig.A.Sent().Select(c => (c.Id, c.Status)));
        // Receives go on.
        rig.A.Receive(7, 0, 100);
        Assert.Null(rig.B.Qp.PostSend(request with { RemoteQpn = rig.A.Qp.Number, AddressHandle = rig.B.Domain.CreateAddressHandle(rig.Path(rig.B, rig.A)) }, []));
        rig.Run();
        Assert.Equal(7UL, Assert.Single(rig.A.Received()).Id);
        Assert.Null(rig.A.Qp.Modify(new() { State = QpState.ReadyToSend }, QpAttributeMask.State));
        Assert.Null(rig.A.Qp.PostSend(request with { Id = 3 }, []));
        rig.Run();
        Assert.Equal(1UL, Assert.Single(rig.B.Received()).Id);
    }

    private static SendRequest Datagram(Pairing rig, Side from, Side to, Qpn? qpn = null) => new()
    {
        Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled, RemoteQpn = qpn ?? to.Qp.Number, RemoteQKey = new(0x1234),
        AddressHandle = from.Domain.CreateAddressHandle(rig.Path(from, to)),
    };

    [Fact]
    public void Datagram_arrives_behind_its_network_header_and_can_be_answered()
    {
        var rig = new Pairing(QpType.UnreliableDatagram);
        rig.B.Receive(1, 0, 300);
        rig.A.Receive(2, 5000, 300);
        Assert.Null(rig.A.Qp.PostSend(Datagram(rig, rig.A, rig.B) with { Opcode = WorkOpcode.SendWithImmediate, Immediate = 0x01020304 }, [rig.A.Sge(100, 200)]));
        rig.Run();
        var received = Assert.Single(rig.B.Received());
        Assert.Equal((240U, CompletionFlags.Grh | CompletionFlags.WithImmediate, 0x01020304U, rig.A.Qp.Number),
            (received.ByteLength, received.Flags, received.ImmediateOrKey, received.SourceQpn));
        Assert.Equal(0x45, rig.B.Memory[20]);
        Assert.True(rig.B.Bytes(0, 20).IndexOfAnyExcept((byte)0) < 0);
        Assert.True(rig.A.Bytes(100, 200).SequenceEqual(rig.B.Bytes(40, 200)));
        Assert.Null(rig.B.Qp.PostSend(Datagram(rig, rig.B, rig.A, received.SourceQpn) with { AddressHandle = rig.B.Domain.CreateAddressHandle(received.Source) }, [rig.B.Sge(0, 5)]));
        rig.Run();
        Assert.Equal(45U, Assert.Single(rig.A.Received()).ByteLength);
    }

    [Fact]
    public void Datagram_is_dropped_for_a_wrong_key_no_receive_or_a_short_one()
    {
        var rig = new Pairing(QpType.UnreliableDatagram);
        Assert.Null(rig.A.Qp.PostSend(Datagram(rig, rig.A, rig.B), [rig.A.Sge(0, 50)]));
        rig.Run();
        rig.B.Receive(1, 0, 89);
        Assert.Null(rig.A.Qp.PostSend(Datagram(rig, rig.A, rig.B) with { RemoteQKey = new(0x1235) }, [rig.A.Sge(0, 5)]));
        Assert.Null(rig.A.Qp.PostSend(Datagram(rig, rig.A, rig.B), [rig.A.Sge(0, 50)]));
        Assert.Null(rig.A.Qp.PostSend(Datagram(rig, rig.A, rig.B) with { RemoteQKey = new(0x8000_0000) }, [rig.A.Sge(0, 49)])); // its own key
        rig.Run();
        Assert.Equal((1UL, 89U), rig.B.Received().Select(c => (c.Id, c.ByteLength)).Single());
        Assert.Equal((1, 2), ((int)rig.B.Hca.Counters.DroppedByQKey, (int)rig.B.Hca.Counters.DroppedByNoReceive));
    }

    [Fact]
    public void Datagram_longer_than_the_mtu_fails_at_its_sender()
    {
        var rig = new Pairing(QpType.UnreliableDatagram);
        Assert.Null(rig.A.Qp.PostSend(Datagram(rig, rig.A, rig.B), [rig.A.Sge(0, 257)]));
        Assert.Equal(CompletionStatus.LocalLengthError, Assert.Single(rig.A.Sent()).Status);
    }

    [Theory, InlineData(WorkOpcode.RdmaWrite), InlineData(WorkOpcode.RegisterMemory), InlineData(WorkOpcode.SendWithInvalidate)]
    public void UD_does_not_offer(WorkOpcode opcode)
    {
        var rig = new Pairing(QpType.UnreliableDatagram);
        Assert.Equal(VerbsErrorCode.NotSupported, rig.A.Qp.PostSend(Datagram(rig, rig.A, rig.B) with { Opcode = opcode }, [])!.Code);
        Assert.Equal(VerbsErrorCode.InvalidAttribute, rig.A.Qp.PostSend(Datagram(rig, rig.A, rig.B) with { AddressHandle = null }, [])!.Code);
    }

    [Fact]
    public void Group_members_get_a_copy_each()
    {
        var rig = new Pairing(QpType.UnreliableDatagram);
        var group = Gid.Parse("224.1.2.3");
        var first = rig.B.Qp;
        rig.B.Qp = rig.B.Domain.CreateQueuePair(rig.Init(rig.B, QpType.UnreliableDatagram));
        rig.ToReady(rig.B, rig.A);
        var request = Datagram(rig, rig.A, rig.B, Qpn.Multicast) with { AddressHandle = rig.A.Domain.CreateAddressHandle(new(rig.A.Port.Gid, group)) };
        foreach (var qp in new[] { first, rig.B.Qp })
        {
            Assert.Null(qp.AttachMulticast(group));
            Assert.Null(qp.PostReceive(qp.Number.Value, [rig.B.Sge(0, 100)]));
            Assert.Null(qp.PostReceive(qp.Number.Value, [rig.B.Sge(0, 100)]));
        }
        Assert.Null(rig.A.Qp.PostSend(request, [rig.A.Sge(0, 10)]));
        rig.Run();
        Assert.Equal([first.Number.Value, rig.B.Qp.Number.Value], rig.B.Received().Select(c => c.Id));
        Assert.Null(first.DetachMulticast(group));
        Assert.Equal(VerbsErrorCode.NotFound, first.DetachMulticast(group)!.Code);
        Assert.Null(rig.A.Qp.PostSend(request, [rig.A.Sge(0, 10)]));
        rig.Run();
        Assert.Equal(rig.B.Qp.Number.Value, Assert.Single(rig.B.Received()).Id);
        Assert.Equal(VerbsErrorCode.InvalidAttribute, first.AttachMulticast(rig.A.Port.Gid)!.Code);
    }

    private sealed class Agent : IMadAgent
    {
        public List<(AddressVector Reply, Qpn Source, byte[] Mad)> Got { get; } = [];
        public void OnMad(IMadPort port, in AddressVector reply, Qpn sourceQpn, ReadOnlySpan<byte> mad) => Got.Add((reply, sourceQpn, mad.ToArray()));
    }

    [Fact]
    public void Management_datagram_reaches_the_agent_of_its_class()
    {
        var rig = new Pairing(connect: false);
        var agent = new Agent();
        rig.B.Hca.MadPort(1).Register(7, agent);
        rig.B.Hca.MadPort(1).Register(4, new Agent());
        var mad = new byte[256];
        new Random(3).NextBytes(mad);
        mad[1] = 7;
        rig.A.Hca.MadPort(1).Send(rig.Path(rig.A, rig.B), Qpn.Gsi, mad);
        rig.Run();
        var (reply, source, bytes) = Assert.Single(agent.Got);
        Assert.Equal((rig.Path(rig.B, rig.A), Qpn.Gsi), (reply, source));
        Assert.Equal(mad, bytes);
        Assert.Throws<ArgumentException>(() => rig.A.Hca.MadPort(1).Send(rig.Path(rig.A, rig.B), Qpn.Gsi, new byte[255]));
    }

    [Fact]
    public void Management_datagram_with_another_key_or_size_is_dropped()
    {
        var rig = new Pairing(connect: false);
        var agent = new Agent();
        rig.B.Hca.MadPort(1).Register(7, agent);
        foreach (var (key, pkey, length) in new[] { (0x1234U, 0xFFFF, 256), (0x8001_0000U, 0x8003, 256), (0x8001_0000U, 0xFFFF, 252) })
        {
            var bytes = new byte[300];
            var header = TransportBuilder.Datagram(bytes, BthOpcode.UdSendOnly, new((ushort)pkey), Qpn.Gsi, default, false, false, new(new(key), Qpn.Gsi));
            bytes[header + 1] = 7;
            rig.Wire.Inject(rig.A.Port, rig.B.Port, bytes.AsSpan(0, TransportBuilder.Finish(bytes, header, length) + 4));
        }
        Assert.Empty(agent.Got);
        Assert.Equal((1, 1, 1), ((int)rig.B.Hca.Counters.DroppedByQKey, (int)rig.B.Hca.Counters.DroppedByPKey, (int)rig.B.Hca.Counters.DroppedByHeader));
    }
}
