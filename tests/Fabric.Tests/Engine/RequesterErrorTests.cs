using Weft.Fabric.Tests.Engine.Rig;
using Weft.Fabric.Verbs;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Tests.Engine;

/// <summary>How a requester fails: which status, in which order, and what is flushed. IBA Vol 1 §9.9.2, §10.8.6, §10.3.1.</summary>
public class RequesterErrorTests
{
    [Fact]
    public void Failing_request_is_reported_after_those_before_it_and_the_rest_is_flushed()
    {
        var rig = new Pairing();
        for (var i = 0; i < 3; i++) rig.B.Receive((ulong)i, 0, 100);
        rig.A.Receive(40, 0, 10);
        rig.A.Receive(41, 0, 10);
        rig.A.Post(WorkOpcode.Send, 1, 0, 8);
        rig.A.Post(WorkOpcode.RdmaRead, 2, 0, 600, rig.B);
        rig.A.Post(WorkOpcode.RdmaWrite, 3, 0, 8, rig.B, key: new(0x777));
        rig.A.Post(WorkOpcode.Send, 4, 0, 8, flags: SendFlags.None);
        rig.A.Post(WorkOpcode.RdmaRead, 5, 0, 8, rig.B);
        rig.Run();
        Assert.Equal(
            [(1UL, CompletionStatus.Success), (2UL, CompletionStatus.Success), (3UL, CompletionStatus.RemoteAccessError), (4UL, CompletionStatus.Flushed), (5UL, CompletionStatus.Flushed)],
            rig.A.Sent().Select(c => (c.Id, c.Status)));
        Assert.Equal([(40UL, CompletionStatus.Flushed), (41UL, CompletionStatus.Flushed)], rig.A.Received().Select(c => (c.Id, c.Status)));
        Assert.Single(rig.B.Received(), c => c.Status == CompletionStatus.Success);
    }

    [Fact]
    public void Posting_in_error_is_flushed_behind_what_was_there()
    {
        var rig = new Pairing();
        rig.A.Post(WorkOpcode.Send, 1, 0, 8);
        rig.ToError(rig.A);
        rig.A.Post(WorkOpcode.Send, 2, 0, 8);
        rig.A.Receive(3, 0, 10);
        rig.Run();
        Assert.Equal([(1UL, CompletionStatus.Flushed), (2UL, CompletionStatus.Flushed)], rig.A.Sent().Select(c => (c.Id, c.Status)));
        Assert.Equal((3UL, CompletionStatus.Flushed), rig.A.Received().Select(c => (c.Id, c.Status)).Single());
    }

    [Fact]
    public void Flushing_is_not_done_inside_the_verb()
    {
        var rig = new Pairing();
        rig.A.Receive(3, 0, 10);
        rig.ToError(rig.A);
        Assert.Empty(rig.A.Received());
        rig.Settle();
        Assert.Single(rig.A.Received());
    }

    [Fact]
    public void Receive_in_progress_is_flushed_first()
    {
        var rig = new Pairing();
        rig.B.Receive(1, 0, 1000);
        rig.B.Receive(2, 0, 1000);
        rig.A.Post(WorkOpcode.Send, 1, 0, 600);
        rig.Wire.DeliverOne();
        rig.ToError(rig.B);
        rig.Settle();
        Assert.Equal([(1UL, CompletionStatus.Flushed), (2UL, CompletionStatus.Flushed)], rig.B.Received().Select(c => (c.Id, c.Status)));
    }

    [Theory]
    [InlineData(WorkOpcode.Send, false)]
    [InlineData(WorkOpcode.RdmaWrite, false)]
    [InlineData(WorkOpcode.RdmaRead, false)]
    [InlineData(WorkOpcode.RdmaRead, true)]
    [InlineData(WorkOpcode.FetchAdd, true)]
    public void Local_memory_that_may_not_be_used(WorkOpcode opcode, bool readOnly)
    {
        var rig = new Pairing();
        rig.B.Receive(1, 0, 100);
        var region = readOnly ? rig.A.Domain.Register(new byte[100], AccessFlags.RemoteRead) : null;
        var sge = region is null ? new Sge(rig.A.Region.Address + rig.A.Region.Length - 7, 8, rig.A.Region.LKey) : new(region.Address, 8, region.LKey);
        rig.A.Post(WorkOpcode.Send, 1, 0, 8);
        Assert.Null(rig.A.Qp.PostSend(new() { Opcode = opcode, Id = 2, RemoteAddress = rig.B.Region.Address, Key = rig.B.Region.RKey }, [sge]));
        rig.A.Post(WorkOpcode.Send, 3, 0, 8);
        rig.Run();
        Assert.Equal([(1UL, CompletionStatus.Success), (2UL, CompletionStatus.LocalProtectionError), (3UL, CompletionStatus.Flushed)], rig.A.Sent().Select(c => (c.Id, c.Status)));
    }

    [Fact]
    public void Memory_that_goes_away_while_it_is_being_sent()
    {
        var rig = new Pairing(limits: new() { UnackedWindow = 2 });
        rig.B.Receive(1, 0, 10_000);
        var region = rig.A.Domain.Register(new byte[4000], AccessFlags.None);
        Assert.Null(rig.A.Qp.PostSend(new() { Opcode = WorkOpcode.Send, Id = 2 }, [new(region.Address, 4000, region.LKey)]));
        region.Deregister();
        rig.Run();
        Assert.Equal((2UL, CompletionStatus.LocalProtectionError), rig.A.Sent().Select(c => (c.Id, c.Status)).Single());
    }

    [Fact]
    public void Read_whose_buffer_goes_away()
    {
        var rig = new Pairing();
        var region = rig.A.Domain.Register(new byte[1000], AccessFlags.LocalWrite);
        Assert.Null(rig.A.Qp.PostSend(new() { Opcode = WorkOpcode.RdmaRead, Id = 2, RemoteAddress = rig.B.Region.Address, Key = rig.B.Region.RKey }, [new(region.Address, 600, region.LKey)]));
        region.Deregister();
        rig.Run();
        Assert.Equal((2UL, CompletionStatus.LocalProtectionError), rig.A.Sent().Select(c => (c.Id, c.Status)).Single());
    }

    [Theory]
    [InlineData(BthOpcode.RcReadResponseMiddle, 256)] // begins without First
    [InlineData(BthOpcode.RcReadResponseFirst, 255)] // short
    [InlineData(BthOpcode.RcReadResponseOnly, 256)] // ends too early
    [InlineData(BthOpcode.RcAtomicAcknowledge, 0)] // of another kind
    public void Read_response_that_makes_no_sense(BthOpcode opcode, int payload)
    {
        var rig = new Pairing();
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 600, rig.B);
        var bytes = new byte[400];
        var header = opcode == BthOpcode.RcAtomicAcknowledge ? TransportBuilder.AtomicAcknowledge(bytes, PKey.Default, rig.A.Qp.Number, new(0x100), Aeth.Ack(1), 5)
            : opcode == BthOpcode.RcReadResponseMiddle ? TransportBuilder.Plain(bytes, opcode, PKey.Default, rig.A.Qp.Number, new(0x100), false)
            : TransportBuilder.Response(bytes, opcode, PKey.Default, rig.A.Qp.Number, new(0x100), Aeth.Ack(1));
        var end = TransportBuilder.Finish(bytes, header, payload);
        rig.Wire.Inject(rig.B.Port, rig.A.Port, bytes.AsSpan(0, end + 4));
        rig.Run();
        Assert.Equal((1UL, CompletionStatus.BadResponse), rig.A.Sent().Select(c => (c.Id, c.Status)).Single());
        Assert.Equal(QpState.Error, rig.A.Qp.State);
    }

    [Fact]
    public void Read_on_a_qp_without_initiator_depth()
    {
        var rig = new Pairing(setup: new() { Depth = 0 });
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 600, rig.B);
        rig.Run();
        Assert.Equal(CompletionStatus.LocalQpOperationError, Assert.Single(rig.A.Sent()).Status);
    }

    [Fact]
    public void Posting_is_refused_whole()
    {
        var rig = new Pairing();
        var request = new SendRequest { Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled };
        Assert.Equal(VerbsErrorCode.TooManySges, rig.A.Qp.PostSend(request, new Sge[5])!.Code);
        Assert.Equal(VerbsErrorCode.MessageTooLong, rig.A.Qp.PostSend(request, [new(0, 0x8000_0000, default), new(0, 1, default)])!.Code);
        Assert.Equal(VerbsErrorCode.MessageTooLong, rig.A.Qp.PostSend(request with { Flags = SendFlags.Inline }, [rig.A.Sge(0, 513)])!.Code);
        Assert.Equal(VerbsErrorCode.InvalidAttribute, rig.A.Qp.PostSend(request with { Flags = SendFlags.Inline }, [new(1, 5, default)])!.Code);
        Assert.Equal(VerbsErrorCode.InvalidAttribute, rig.A.Qp.PostSend(request with { Opcode = WorkOpcode.FetchAdd }, [rig.A.Sge(0, 4)])!.Code);
        Assert.Equal(VerbsErrorCode.InvalidAttribute, rig.A.Qp.PostSend(request with { Opcode = WorkOpcode.RdmaRead, Flags = SendFlags.Inline }, [rig.A.Sge(0, 4)])!.Code);
        Assert.Equal(VerbsErrorCode.TooManySges, rig.A.Qp.PostReceive(1, new Sge[5])!.Code);
        for (var i = 0; i < 256; i++)
        {
            Assert.Null(rig.A.Qp.PostSend(request, []));
            Assert.Null(rig.A.Qp.PostReceive(1, []));
        }
        Assert.Equal(VerbsErrorCode.QueueFull, rig.A.Qp.PostSend(request, [])!.Code);
        Assert.Equal(VerbsErrorCode.QueueFull, rig.A.Qp.PostReceive(1, [])!.Code);
    }

    [Fact]
    public void Drained_send_queue_stops_between_messages_and_goes_on()
    {
        var rig = new Pairing(limits: new() { UnackedWindow = 2 });
        rig.B.Receive(1, 0, 2000);
        rig.B.Receive(2, 0, 2000);
        rig.A.Post(WorkOpcode.Send, 1, 0, 1200);
        rig.A.Post(WorkOpcode.Send, 2, 0, 8);
        Assert.Null(rig.A.Qp.Modify(new() { State = QpState.SendQueueDrained, EnableDrainedNotify = true }, QpAttributeMask.State | QpAttributeMask.EnableDrainedNotify));
        rig.A.Post(WorkOpcode.Send, 3, 0, 8);
        Assert.Empty(rig.A.Events);
        rig.Run();
        Assert.Equal([1UL], rig.A.Sent().Select(c => c.Id));
        Assert.Equal(AsyncEventType.SendQueueDrained, Assert.Single(rig.A.Events).Type);
        rig.B.Receive(3, 0, 2000);
        Assert.Null(rig.A.Qp.Modify(new() { State = QpState.ReadyToSend }, QpAttributeMask.State));
        rig.Run();
        Assert.Equal([2UL, 3UL], rig.A.Sent().Select(c => c.Id));
        Assert.Single(rig.A.Events);
    }

    [Fact]
    public void Drained_event_comes_at_once_when_nothing_is_begun_and_only_when_asked_for()
    {
        var rig = new Pairing();
        Assert.Null(rig.A.Qp.Modify(new() { State = QpState.SendQueueDrained, EnableDrainedNotify = true }, QpAttributeMask.State | QpAttributeMask.EnableDrainedNotify));
        Assert.Null(rig.B.Qp.Modify(new() { State = QpState.SendQueueDrained }, QpAttributeMask.State));
        rig.Run();
        Assert.Equal(AsyncEventType.SendQueueDrained, Assert.Single(rig.A.Events).Type);
        Assert.Empty(rig.B.Events);
    }

    [Fact]
    public void Destroyed_qp_leaves_nothing_behind()
    {
        var rig = new Pairing();
        rig.A.Post(WorkOpcode.Send, 1, 0, 600);
        rig.A.Receive(1, 0, 10);
        Assert.Equal(VerbsErrorCode.Busy, rig.A.SendCq.Destroy()!.Code);
        rig.A.Qp.Destroy();
        rig.A.Qp.Destroy();
        rig.Run();
        Assert.Empty(rig.A.Sent());
        Assert.Empty(rig.A.Received());
        Assert.Empty(rig.Executor.ArmedTimers);
        Assert.Equal(0, rig.A.Hca.Resources.QueuePairs);
        Assert.Null(rig.A.SendCq.Destroy());
        Assert.NotNull(rig.A.Qp.PostReceive(1, []));
    }

    [Fact]
    public void Error_before_the_first_connection_flushes_receives()
    {
        var rig = new Pairing(connect: false);
        rig.A.Qp = rig.A.Domain.CreateQueuePair(rig.Init(rig.A, QpType.ReliableConnected));
        rig.ToInit(rig.A);
        rig.A.Receive(4, 0, 10);
        rig.ToError(rig.A);
        rig.Settle();
        Assert.Equal((4UL, CompletionStatus.Flushed), rig.A.Received().Select(c => (c.Id, c.Status)).Single());
    }
}
