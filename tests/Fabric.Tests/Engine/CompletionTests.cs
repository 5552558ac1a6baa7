using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Tests.Engine.Rig;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Tests.Engine;

/// <summary>Completion queues, shared receive queues and asynchronous events. IBA Vol 1 §10.2.7, §10.2.9, §11.6.3.</summary>
public class CompletionTests
{
    private static (Pairing Rig, ICompletionQueue Cq) WithHandler(int capacity = 64, ISharedReceiveQueue? srq = null, Pairing? rig = null)
    {
        rig ??= new(connect: false);
        var cq = rig.B.Hca.CreateCompletionQueue(capacity, rig.B);
        rig.A.Qp = rig.A.Domain.CreateQueuePair(rig.Init(rig.A, QpType.ReliableConnected));
        rig.B.Qp = rig.B.Domain.CreateQueuePair(rig.Init(rig.B, QpType.ReliableConnected, srq) with { ReceiveCq = cq, SendCq = cq });
        rig.ToReady(rig.A, rig.B);
        rig.ToReady(rig.B, rig.A);
        return (rig, cq);
    }

    private static void SendTo(Pairing rig, ulong id, SendFlags flags = SendFlags.None)
    {
        if (rig.B.Qp.Srq is null) rig.B.Receive(id, 0, 10);
        rig.A.Post(WorkOpcode.Send, id, 0, 5, flags: flags);
        rig.Settle();
    }

    [Fact]
    public void Armed_queue_notifies_once()
    {
        var (rig, cq) = WithHandler();
        SendTo(rig, 1);
        Assert.Empty(rig.B.Notified);
        cq.Arm();
        Assert.Empty(rig.B.Notified); // what came before is not announced
        SendTo(rig, 2);
        Assert.Single(rig.B.Notified);
        SendTo(rig, 3);
        Assert.Single(rig.B.Notified);
        cq.Arm();
        SendTo(rig, 4);
        Assert.Equal(2, rig.B.Notified.Count);
    }

    [Fact]
    public void Solicited_waits_for_a_solicited_receive_or_an_error()
    {
        var (rig, cq) = WithHandler();
        cq.Arm(NotifyType.Solicited);
        SendTo(rig, 1);
        rig.B.Post(WorkOpcode.RdmaWrite, 9, 0, 5, rig.A); // a send completion
        rig.Settle();
        Assert.Empty(rig.B.Notified);
        SendTo(rig, 2, SendFlags.Solicited);
        Assert.Single(rig.B.Notified);
        cq.Arm(NotifyType.Solicited);
        rig.B.Receive(3, 0, 10);
        rig.ToError(rig.B);
        rig.Settle();
        Assert.Equal(2, rig.B.Notified.Count);
    }

    [Fact]
    public void Stronger_request_overrides_a_weaker_one_and_not_the_reverse()
    {
        var (rig, cq) = WithHandler();
        cq.Arm(NotifyType.Solicited);
        cq.Arm(NotifyType.NextCompletion);
        cq.Arm(NotifyType.Solicited);
        SendTo(rig, 1);
        Assert.Single(rig.B.Notified);
    }

    [Fact]
    public void Notification_is_not_given_inside_a_verb()
    {
        var (rig, cq) = WithHandler();
        var ud = rig.B.Domain.CreateQueuePair(rig.Init(rig.B, QpType.UnreliableDatagram) with { SendCq = cq });
        rig.B.Qp = ud;
        rig.ToReady(rig.B, rig.A);
        cq.Arm();
        Assert.Null(ud.PostSend(new() { Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled, AddressHandle = rig.B.Domain.CreateAddressHandle(rig.Path(rig.B, rig.A)) }, []));
        Assert.Empty(rig.B.Notified);
        rig.Settle();
        Assert.Single(rig.B.Notified);
    }

    [Fact]
    public void Destroyed_queue_is_silent_and_gives_its_lane_back()
    {
        var (rig, cq) = WithHandler();
        cq.Arm();
        rig.B.Receive(1, 0, 10);
        rig.A.Post(WorkOpcode.Send, 1, 0, 5);
        rig.Wire.DeliverOne();
        rig.B.Qp.Destroy();
        Assert.Null(cq.Destroy());
        rig.Settle();
        Assert.Empty(rig.B.Notified);
        Assert.Equal(1, rig.Executor.LanesReleased);
    }

    [Fact]
    public void Entries_come_in_order_and_the_ring_wraps()
    {
        var (rig, cq) = WithHandler(capacity: 5);
        var ids = new List<ulong>();
        for (ulong i = 0; i < 40; i++)
        {
            SendTo(rig, i);
            if (i % 4 == 3) ids.AddRange(rig.B.Drain(cq).Select(c => c.Id));
        }
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (ulong)i), ids);
    }

    [Fact]
    public void Overflow_is_an_error_of_the_queue_and_of_its_qps()
    {
        var (rig, cq) = WithHandler(capacity: 2);
        for (ulong i = 0; i < 3; i++) SendTo(rig, i);
        Assert.Equal([AsyncEventType.CqError, AsyncEventType.QpFatal], rig.B.Events.Select(e => e.Type));
        Assert.Same(cq, rig.B.Events[0].CompletionQueue);
        Assert.Same(rig.B.Qp, rig.B.Events[1].QueuePair);
        Assert.Equal(QpState.Error, rig.B.Qp.State);
        Assert.Equal(2, rig.B.Drain(cq).Count);
    }

    [Fact]
    public void Capacity_is_bounded()
    {
        var rig = new Pairing(connect: false);
        Assert.Throws<VerbsException>(() => rig.A.Hca.CreateCompletionQueue(0, null));
        Assert.Throws<VerbsException>(() => rig.A.Hca.CreateCompletionQueue((1 << 20) + 1, null));
    }

    private static (Pairing Rig, ISharedReceiveQueue Srq) WithSrq()
    {
        var rig = new Pairing(connect: false);
        var srq = rig.B.Domain.CreateSharedReceiveQueue(8);
        WithHandler(srq: srq, rig: rig);
        return (rig, srq);
    }

    [Fact]
    public void Shared_queue_serves_its_qps_in_posting_order()
    {
        var (rig, srq) = WithSrq();
        for (ulong i = 0; i < 8; i++) Assert.Null(srq.PostReceive(i, [rig.B.Sge((int)i * 100, 100)]));
        Assert.Equal(VerbsErrorCode.QueueFull, srq.PostReceive(9, [])!.Code);
        Assert.Equal(VerbsErrorCode.NotSupported, rig.B.Qp.PostReceive(9, [])!.Code);
        var (a1, b1) = (rig.A.Qp, rig.B.Qp);
        WithHandler(srq: srq, rig: rig);
        var (a2, b2) = (rig.A.Qp, rig.B.Qp);
        // A long message on one QP holds its buffer while the other QP takes the next.
        Assert.Null(a1.PostSend(new() { Opcode = WorkOpcode.Send }, []));
        Assert.Null(a2.PostSend(new() { Opcode = WorkOpcode.Send }, []));
        rig.Settle();
        Assert.Equal(0UL, rig.B.Drain(b1.ReceiveCq).Single().Id);
        Assert.Equal(1UL, rig.B.Drain(b2.ReceiveCq).Single().Id);
    }

    [Fact]
    public void Empty_shared_queue_is_receiver_not_ready()
    {
        var (rig, srq) = WithSrq();
        rig.A.Post(WorkOpcode.Send, 1, 0, 5);
        rig.Settle();
        Assert.Equal(1, rig.B.Hca.Counters.RnrNaksSent);
        Assert.Null(srq.PostReceive(1, [rig.B.Sge(0, 100)]));
        rig.Run();
        Assert.Single(rig.A.Sent());
    }

    [Fact]
    public void Limit_event_fires_once_when_fewer_are_left()
    {
        var (rig, srq) = WithSrq();
        for (ulong i = 0; i < 6; i++) Assert.Null(srq.PostReceive(i, [rig.B.Sge(0, 100)]));
        Assert.Null(srq.SetLimit(4));
        for (ulong i = 0; i < 2; i++) SendTo(rig, i);
        Assert.Empty(rig.B.Events);
        for (ulong i = 0; i < 2; i++) SendTo(rig, i);
        Assert.Equal(AsyncEventType.SrqLimitReached, Assert.Single(rig.B.Events).Type);
        Assert.Same(srq, rig.B.Events[0].SharedReceiveQueue);
        Assert.Null(srq.SetLimit(8)); // fewer than that are left already
        rig.Settle();
        Assert.Equal(2, rig.B.Events.Count);
        Assert.NotNull(srq.SetLimit(9));
    }

    [Fact]
    public void Error_with_a_shared_queue_flushes_what_was_begun_and_says_last_wqe_reached()
    {
        var (rig, srq) = WithSrq();
        for (ulong i = 0; i < 3; i++) Assert.Null(srq.PostReceive(i, [rig.B.Sge(0, 1000)]));
        rig.A.Post(WorkOpcode.Send, 1, 0, 600);
        rig.Wire.DeliverOne();
        rig.ToError(rig.B);
        rig.Settle();
        Assert.Equal((0UL, CompletionStatus.Flushed), rig.B.Drain(rig.B.Qp.ReceiveCq).Select(c => (c.Id, c.Status)).Single());
        Assert.Equal(AsyncEventType.LastWqeReached, Assert.Single(rig.B.Events).Type);
        rig.ToError(rig.B);
        rig.Settle();
        Assert.Single(rig.B.Events);
    }

    [Fact]
    public void First_request_before_RTS_establishes()
    {
        var rig = new Pairing(connect: false);
        rig.A.Qp = rig.A.Domain.CreateQueuePair(rig.Init(rig.A, QpType.ReliableConnected));
        rig.B.Qp = rig.B.Domain.CreateQueuePair(rig.Init(rig.B, QpType.ReliableConnected));
        rig.ToReady(rig.A, rig.B);
        rig.ToInit(rig.B);
        rig.B.Receive(1, 0, 10);
        rig.B.Receive(2, 0, 10);
        rig.ToReceive(rig.B, rig.A);
        for (ulong i = 0; i < 2; i++) rig.A.Post(WorkOpcode.Send, i, 0, 5);
        rig.Settle();
        Assert.Equal(2, rig.B.Received().Count);
        Assert.Equal(AsyncEventType.CommunicationEstablished, Assert.Single(rig.B.Events).Type);
        rig.ToSend(rig.B);
        rig.Run();
        Assert.Single(rig.B.Events);
    }

    [Fact]
    public void First_request_in_RTS_establishes_when_the_connection_manager_waits_for_it()
    {
        var rig = new Pairing();
        rig.B.Pair.IsAwaitingEstablishment = true;
        for (ulong i = 0; i < 2; i++)
        {
            rig.B.Receive(i, 0, 10);
            rig.A.Post(WorkOpcode.Send, i, 0, 5);
        }
        rig.Run();
        Assert.Equal(AsyncEventType.CommunicationEstablished, Assert.Single(rig.B.Events).Type);
        Assert.Empty(rig.A.Events);
    }

    [Fact]
    public void Events_of_a_destroyed_qp_are_not_delivered()
    {
        var rig = new Pairing();
        rig.B.Pair.IsAwaitingEstablishment = true;
        rig.A.Post(WorkOpcode.RdmaWrite, 1, 0, 5, rig.B);
        rig.Wire.DeliverOne();
        rig.B.Qp.Destroy();
        rig.Settle();
        Assert.Empty(rig.B.Events);
    }

    [Fact]
    public void Port_changes_are_told()
    {
        var rig = new Pairing();
        rig.A.Port.ReportState(false);
        rig.A.Port.ReportState(true);
        rig.Settle();
        Assert.Equal([(AsyncEventType.PortError, 1), (AsyncEventType.PortActive, 1)], rig.A.Events.Select(e => (e.Type, (int)e.PortNumber)));
        rig.A.Hca.RemoveAsyncEventHandler(rig.A);
        rig.A.Port.ReportState(false);
        rig.Settle();
        Assert.Equal(2, rig.A.Events.Count);
        Assert.Equal(PortState.Down, rig.A.Hca.QueryPort(1).State);
    }

    [Fact]
    public void Numbers_in_timewait_are_not_given_out()
    {
        var rig = new Pairing(connect: false);
        IQpnAllocator allocator = rig.A.Hca.Qpns;
        var seen = new HashSet<uint>();
        for (var i = 0; i < 2000; i++)
        {
            var qp = rig.A.Domain.CreateQueuePair(rig.Init(rig.A, QpType.ReliableConnected));
            Assert.InRange(qp.Number.Value, 16U, 0xFF_FFFEU);
            Assert.True(seen.Add(qp.Number.Value));
            allocator.Reserve(qp.Number);
            if (i % 2 == 0) qp.Destroy();
            else Assert.Same(qp, rig.A.Hca.FindQueuePair(qp.Number));
        }
        Assert.Equal(1000, rig.A.Hca.Resources.QueuePairs);
    }

    [Fact]
    public void Timers_are_used_again()
    {
        var rig = new Pairing(connect: false);
        for (var i = 0; i < 20; i++)
        {
            WithHandler(rig: rig);
            SendTo(rig, 1);
            rig.A.Qp.Destroy();
            rig.B.Qp.Destroy();
        }
        Assert.Equal(1, rig.Executor.TimersMade);
    }

    [Fact]
    public void Buffers_of_a_shared_queue_belong_to_its_domain()
    {
        var rig = new Pairing(connect: false);
        var other = rig.B.Hca.AllocateProtectionDomain();
        var region = other.Register(new byte[100], AccessFlags.LocalWrite);
        var srq = other.CreateSharedReceiveQueue(8);
        var (_, cq) = WithHandler(srq: srq, rig: rig);
        Assert.Null(srq.PostReceive(1, [new(region.Address, 100, region.LKey)]));
        Assert.Null(srq.PostReceive(2, [rig.B.Sge(0, 100)]));
        SendTo(rig, 1);
        SendTo(rig, 2);
        Assert.Equal([CompletionStatus.Success, CompletionStatus.LocalProtectionError], rig.B.Drain(cq).Select(c => c.Status));
    }
}
