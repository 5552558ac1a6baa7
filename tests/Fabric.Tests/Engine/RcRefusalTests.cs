using Weft.Fabric.Tests.Engine.Rig;
using Weft.Fabric.Verbs;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Tests.Engine;

/// <summary>
/// What an RC responder refuses, from packets made by hand: which NAK, what the receiver's consumer learns, and that nothing was
/// written. IBA Vol 1 §9.7.4, §9.9.3.
/// </summary>
public class RcRefusalTests
{
    private const uint Psn0 = 0x100;

    /// <summary>What a packet does not fit: its name, how the responder got there, and what must follow.</summary>
    public sealed record Case(string Name, byte Syndrome, AsyncEventType? Event, CompletionStatus? Receive, Action<Peer> Packets)
    {
        public override string ToString() => Name;
    }

    /// <summary>Sends packets as A's QP would, with PSNs counting up.</summary>
    public sealed class Peer
    {
        private readonly Pairing rig;
        private uint psn = Psn0;

        internal Peer(Pairing rig) => this.rig = rig;
        internal IMemoryRegion Region => rig.B.Region;
        internal byte PadOverride { get; set; } = 255;

        internal void Plain(BthOpcode opcode, int payload) => Send((t, n) => TransportBuilder.Plain(t, opcode, PKey.Default, rig.B.Qp.Number, n, ackRequest: true), payload);

        internal void Rdma(BthOpcode opcode, int payload, uint length, ulong? address = null, RKey? key = null) => Send((t, n) => TransportBuilder.Rdma(
            t, opcode, PKey.Default, rig.B.Qp.Number, n, ackRequest: true, new(address ?? Region.Address, key ?? Region.RKey, length)), payload);

        internal void Atomic(ulong address, RKey? key = null) => Send((t, n) => TransportBuilder.Atomic(
            t, BthOpcode.RcFetchAdd, PKey.Default, rig.B.Qp.Number, n, ackRequest: true, new(address, key ?? Region.RKey, 1, 0)), 0);

        private delegate int Writer(byte[] target, Psn psn);

        private void Send(Writer write, int payload)
        {
            var bytes = new byte[8192];
            var header = write(bytes, new(psn++));
            bytes.AsSpan(header, payload).Fill(0xEE);
            var end = TransportBuilder.Finish(bytes, header, payload);
            if (PadOverride != 255) bytes[1] = (byte)(bytes[1] & 0xCF | PadOverride << 4);
            rig.Wire.Inject(rig.A.Port, rig.B.Port, bytes.AsSpan(0, end + 4));
        }
    }

    private const byte InvalidRequest = 0x61, AccessError = 0x62, OperationalError = 0x63;

    public static TheoryData<Case> Cases()
    {
        var request = AsyncEventType.QpRequestError;
        var access = AsyncEventType.QpAccessError;
        return
        [
            new("SEND Middle without First", InvalidRequest, request, null, p => p.Plain(BthOpcode.RcSendMiddle, 256)),
            new("SEND Last without First", InvalidRequest, request, null, p => p.Plain(BthOpcode.RcSendLast, 5)),
            new("WRITE Last without First", InvalidRequest, request, null, p => p.Plain(BthOpcode.RcWriteLast, 5)),
            new("SEND First inside a SEND", InvalidRequest, null, CompletionStatus.RemoteInvalidRequest, p =>
            {
                p.Plain(BthOpcode.RcSendFirst, 256);
                p.Plain(BthOpcode.RcSendFirst, 256);
            }),
            new("WRITE Last inside a SEND", InvalidRequest, null, CompletionStatus.RemoteInvalidRequest, p =>
            {
                p.Plain(BthOpcode.RcSendFirst, 256);
                p.Plain(BthOpcode.RcWriteLast, 5);
            }),
            new("READ inside a WRITE", InvalidRequest, request, null, p =>
            {
                p.Rdma(BthOpcode.RcWriteFirst, 256, 600);
                p.Rdma(BthOpcode.RcReadRequest, 0, 10);
            }),
            new("SEND First shorter than the MTU", InvalidRequest, null, CompletionStatus.RemoteInvalidRequest, p => p.Plain(BthOpcode.RcSendFirst, 255)),
            new("SEND Only longer than the MTU", InvalidRequest, null, CompletionStatus.RemoteInvalidRequest, p => p.Plain(BthOpcode.RcSendOnly, 257)),
            new("SEND Last of no bytes", InvalidRequest, null, CompletionStatus.RemoteInvalidRequest, p =>
            {
                p.Plain(BthOpcode.RcSendFirst, 256);
                p.Plain(BthOpcode.RcSendLast, 0);
            }),
            new("SEND longer than the receive", InvalidRequest, null, CompletionStatus.LocalLengthError, p =>
            {
                p.Plain(BthOpcode.RcSendFirst, 256);
                p.Plain(BthOpcode.RcSendMiddle, 256);
                p.Plain(BthOpcode.RcSendLast, 89);
            }),
            new("pad count that leaves no payload", InvalidRequest, null, CompletionStatus.RemoteInvalidRequest, p =>
            {
                p.PadOverride = 3;
                p.Plain(BthOpcode.RcSendOnly, 0);
            }),
            new("WRITE shorter than announced", InvalidRequest, request, null, p => p.Rdma(BthOpcode.RcWriteOnly, 10, 11)),
            new("WRITE longer than announced", InvalidRequest, request, null, p => p.Rdma(BthOpcode.RcWriteOnly, 11, 10)),
            new("WRITE First that is already all", InvalidRequest, request, null, p => p.Rdma(BthOpcode.RcWriteFirst, 256, 256)),
            new("WRITE Last longer than what is left", InvalidRequest, request, null, p =>
            {
                p.Rdma(BthOpcode.RcWriteFirst, 256, 300);
                p.Plain(BthOpcode.RcWriteLast, 45);
            }),
            new("WRITE of more than 2^31 bytes", InvalidRequest, request, null, p => p.Rdma(BthOpcode.RcWriteFirst, 256, 0x8000_0001)),
            new("READ of more than 2^31 bytes", InvalidRequest, request, null, p => p.Rdma(BthOpcode.RcReadRequest, 0, 0x8000_0001)),
            new("READ with a payload", InvalidRequest, request, null, p => p.Rdma(BthOpcode.RcReadRequest, 4, 4)),
            new("FLUSH", InvalidRequest, request, null, p => p.Plain(BthOpcode.RcFlush, 20)),
            new("reserved opcode", InvalidRequest, request, null, p => p.Plain((BthOpcode)0x15, 0)),
            new("WRITE with a wrong key", AccessError, access, null, p => p.Rdma(BthOpcode.RcWriteOnly, 10, 10, key: p.Region.RKey.NextKey())),
            new("WRITE before the region", AccessError, access, null, p => p.Rdma(BthOpcode.RcWriteOnly, 10, 10, p.Region.Address - 1)),
            new("WRITE past the region", AccessError, access, null, p => p.Rdma(BthOpcode.RcWriteOnly, 10, 10, p.Region.Address + p.Region.Length - 9)),
            new("WRITE whose announced end is past the region", AccessError, access, null, p => p.Rdma(BthOpcode.RcWriteFirst, 256, 300, p.Region.Address + p.Region.Length - 256)),
            new("WRITE around the end of the address space", AccessError, access, null, p => p.Rdma(BthOpcode.RcWriteOnly, 10, 10, ulong.MaxValue - 3)),
            new("READ with a wrong key", AccessError, access, null, p => p.Rdma(BthOpcode.RcReadRequest, 0, 10, key: new(0))),
            new("atomic not aligned", InvalidRequest, request, null, p => p.Atomic(p.Region.Address + 4)),
            new("atomic past the region", AccessError, access, null, p => p.Atomic(p.Region.Address + p.Region.Length)),
        ];
    }

    [Theory, MemberData(nameof(Cases))]
    public void Refused(Case c)
    {
        var rig = new Pairing(memorySize: 64 << 10);
        rig.B.Receive(5, 20_000, 600);
        rig.B.Receive(6, 30_000, 600);
        rig.B.Pair.PostSend(new() { Opcode = WorkOpcode.Send, Id = 8 }, []);
        rig.Settle(); // B's SEND waits for a receive at A
        rig.Wire.Log.Clear();
        var before = rig.B.Memory.ToArray();
        c.Packets(new(rig));
        rig.Settle();
        var answer = rig.Wire.Log.Last(s => s.From == "B" && s.Opcode == BthOpcode.RcAcknowledge);
        Assert.Equal(c.Syndrome, answer.Syndrome);
        Assert.Equal(QpState.Error, rig.B.Qp.State);
        Assert.Equal(c.Event is { } e ? [e] : [], rig.B.Events.Select(x => x.Type));
        var receives = rig.B.Received().Select(x => (x.Id, x.Status)).ToList();
        Assert.Equal([(5UL, c.Receive ?? CompletionStatus.Flushed), (6UL, CompletionStatus.Flushed)], receives);
        Assert.Equal((8UL, CompletionStatus.Flushed), rig.B.Sent().Select(x => (x.Id, x.Status)).Single());
        if (!c.Name.Contains("READ inside") && c.Receive is null && !c.Name.Contains("what is left")) Assert.True(before.AsSpan().SequenceEqual(rig.B.Memory), "memory was changed");
        Assert.Equal(0, rig.Wire.Pool.Outstanding);
    }

    [Theory]
    [InlineData(AccessFlags.RemoteRead | AccessFlags.RemoteAtomic, WorkOpcode.RdmaWrite)]
    [InlineData(AccessFlags.RemoteWrite | AccessFlags.RemoteAtomic, WorkOpcode.RdmaRead)]
    [InlineData(AccessFlags.RemoteWrite | AccessFlags.RemoteRead, WorkOpcode.FetchAdd)]
    public void Operation_that_the_qp_does_not_admit(AccessFlags access, WorkOpcode opcode)
    {
        var rig = new Pairing();
        Assert.Null(rig.B.Qp.Modify(new() { Access = access }, QpAttributeMask.Access));
        rig.A.Post(opcode, 1, 0, 8, rig.B);
        rig.Run();
        Assert.Equal(CompletionStatus.RemoteInvalidRequest, Assert.Single(rig.A.Sent()).Status);
        Assert.Equal(AsyncEventType.QpRequestError, Assert.Single(rig.B.Events).Type);
    }

    [Fact]
    public void Read_without_responder_resources()
    {
        var rig = new Pairing(setup: new() { Resources = 0 });
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 8, rig.B);
        rig.Run();
        Assert.Equal(CompletionStatus.RemoteInvalidRequest, Assert.Single(rig.A.Sent()).Status);
    }

    [Fact]
    public void More_reads_than_responder_resources()
    {
        var rig = new Pairing(setup: new() { Resources = 1, Depth = 2 }, limits: new() { ReadResponseBurst = 1 });
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 1000, rig.B);
        rig.A.Post(WorkOpcode.RdmaRead, 2, 0, 8, rig.B);
        rig.Run();
        Assert.Equal([(1UL, CompletionStatus.Success), (2UL, CompletionStatus.RemoteInvalidRequest)], rig.A.Sent().Select(c => (c.Id, c.Status)));
    }

    [Fact]
    public void Receive_whose_memory_is_not_there()
    {
        var rig = new Pairing();
        Assert.Null(rig.B.Qp.PostReceive(5, [new(rig.B.Region.Address, 100, new(0x5555))]));
        rig.A.Post(WorkOpcode.Send, 1, 0, 8);
        rig.Run();
        Assert.Equal(CompletionStatus.RemoteOperationError, Assert.Single(rig.A.Sent()).Status);
        Assert.Equal(CompletionStatus.LocalProtectionError, Assert.Single(rig.B.Received()).Status);
        Assert.Equal(QpState.Error, rig.B.Qp.State);
    }

    [Fact]
    public void Zero_length_access_is_not_judged()
    {
        var rig = new Pairing();
        rig.A.Post(WorkOpcode.RdmaWrite, 1, 0, 0, rig.B, key: new(0x12345));
        rig.A.Post(WorkOpcode.RdmaRead, 2, 0, 0, rig.B, key: new(0x12345));
        rig.Run();
        Assert.All(rig.A.Sent(), c => Assert.Equal(CompletionStatus.Success, c.Status));
    }

    [Fact]
    public void Memory_that_goes_away_during_a_read()
    {
        var rig = new Pairing(limits: new() { ReadResponseBurst = 2 });
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 2000, rig.B);
        rig.Wire.DeliverOne();
        rig.B.Region.Deregister();
        rig.Run();
        Assert.Equal(CompletionStatus.RemoteAccessError, Assert.Single(rig.A.Sent()).Status);
        Assert.Equal(AsyncEventType.QpAccessError, Assert.Single(rig.B.Events).Type);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void Wrong_address_or_partition_is_dropped(bool wrongAddress, int wrongPKey)
    {
        var rig = new Pairing();
        rig.B.Receive(1, 0, 100);
        var bytes = new byte[24];
        var header = TransportBuilder.Plain(bytes, BthOpcode.RcSendOnly, wrongPKey == 1 ? new(0x8001) : PKey.Default, rig.B.Qp.Number, new(Psn0), true);
        TransportBuilder.Finish(bytes, header, 4);
        rig.Wire.Inject(wrongAddress ? rig.B.Port : rig.A.Port, rig.B.Port, bytes.AsSpan(0, 20));
        rig.Settle();
        Assert.Empty(rig.B.Received());
        Assert.Empty(rig.Wire.Log);
        Assert.Equal(1, rig.B.Hca.Counters.DroppedByAddress + rig.B.Hca.Counters.DroppedByPKey);
    }

    [Fact]
    public void Limited_members_do_not_talk_to_each_other()
    {
        Assert.False(new PKey(0x7FFF).Matches(new(0x7FFF)));
        var rig = new Pairing();
        rig.A.Port.PKeys = [new(0x1234)];
        rig.B.Port.PKeys = [new(0x9234)];
        rig.B.Receive(1, 0, 100);
        rig.A.Post(WorkOpcode.Send, 1, 0, 8);
        rig.Run();
        Assert.Equal(CompletionStatus.Success, Assert.Single(rig.A.Sent()).Status);
    }

    [Fact]
    public void Truncated_and_arbitrary_packets_do_no_harm()
    {
        var rig = new Pairing(memorySize: 4096);
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(0, 80)];
            random.NextBytes(bytes);
            if (bytes.Length > 12)
            {
                bytes[1] &= 0xF0;
                (bytes[2], bytes[3]) = (0xFF, 0xFF);
                if (i % 4 != 0) (bytes[5], bytes[6], bytes[7]) = ((byte)(rig.B.Qp.Number.Value >> 16), (byte)(rig.B.Qp.Number.Value >> 8), (byte)rig.B.Qp.Number.Value);
                if (i % 3 == 0) (bytes[9], bytes[10], bytes[11]) = (0, 1, 0);
            }
            rig.Wire.Inject(rig.A.Port, rig.B.Port, bytes);
            if (rig.B.Qp.State != QpState.Error) continue;
            rig.Settle();
            Assert.Null(rig.B.Qp.Modify(new() { State = QpState.Reset }, QpAttributeMask.State));
            rig.ToReady(rig.B, rig.A);
        }
        rig.Settle();
        Assert.Equal(0, rig.Wire.Pool.Outstanding);
    }
}
