using Weft.Fabric.Engine;
using Weft.Fabric.Tests.Engine.Rig;
using Weft.Fabric.Verbs;
using Weft.Protocol.Ib;
using Weft.Protocol.Transport;

namespace Weft.Fabric.Tests.Engine;

/// <summary>One rule of reliable connections each, seen on the wire. IBA Vol 1 §9.7, §9.9.</summary>
public class RcRuleTests
{
    private static string[] Log(Pairing rig) => [.. rig.Wire.Log.Select(s => s.ToString())];

    [Fact]
    public void Packets_of_a_long_message_and_its_acknowledgement()
    {
        var rig = new Pairing();
        rig.B.Receive(1, 0, 1000);
        rig.A.Post(WorkOpcode.Send, 1, 0, 600);
        rig.Run();
        Assert.Equal(["A SEND First 256 [256]", "A SEND Middle 257 [256]", "A SEND Last 258 A [88]", "B Acknowledge 258 syn=1f msn=1"], Log(rig));
    }

    [Fact]
    public void Read_takes_one_psn_for_each_response_packet()
    {
        var rig = new Pairing();
        rig.B.Receive(1, 0, 10);
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 600, rig.B, 1000);
        rig.A.Post(WorkOpcode.Send, 2, 0, 5);
        rig.Run();
        Assert.Equal(["A RDMA READ Request 256 A", "A SEND Only 259 A [5]", "B RDMA READ Response First 256 syn=1f msn=1 [256]",
            "B RDMA READ Response Middle 257 [256]", "B RDMA READ Response Last 258 syn=1f msn=1 [88]", "B Acknowledge 259 syn=1f msn=2"], Log(rig));
    }

    [Fact]
    public void Gap_is_naked_once_and_everything_behind_it_sent_again()
    {
        var rig = new Pairing();
        rig.Wire.Policy = s => s.Index == 1 ? Fate.Drop : Fate.Deliver;
        rig.B.Receive(1, 0, 2000);
        rig.A.Post(WorkOpcode.Send, 1, 0, 1000);
        rig.Run();
        Assert.Equal(["A SEND First 256 [256]", "A SEND Middle 257 [256]", "A SEND Middle 258 [256]", "A SEND Last 259 A [232]",
            "B Acknowledge 257 syn=60 msn=0",
            "A SEND Middle 257 [256]", "A SEND Middle 258 [256]", "A SEND Last 259 A [232]", "B Acknowledge 259 syn=1f msn=1"], Log(rig));
        Assert.Single(rig.A.Sent());
    }

    [Fact]
    public void Lost_read_response_is_asked_for_again_from_the_middle()
    {
        var rig = new Pairing();
        rig.Wire.Policy = s => s.Index == 3 ? Fate.Drop : Fate.Deliver; // the third response
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 256 * 5, rig.B, 1000);
        rig.Run();
        Assert.Equal(["A RDMA READ Request 256 A", "B RDMA READ Response First 256 syn=1f msn=1 [256]", "B RDMA READ Response Middle 257 [256]",
            "B RDMA READ Response Middle 258 [256]", "B RDMA READ Response Middle 259 [256]", "B RDMA READ Response Last 260 syn=1f msn=1 [256]",
            "A RDMA READ Request 258 A", "B RDMA READ Response First 258 syn=1f msn=1 [256]", "B RDMA READ Response Middle 259 [256]",
            "B RDMA READ Response Last 260 syn=1f msn=1 [256]"], Log(rig));
        Assert.True(rig.A.Bytes(0, 1280).SequenceEqual(rig.B.Bytes(1000, 1280)));
    }

    [Fact]
    public void Acknowledgement_beyond_an_unanswered_read_is_a_nak_for_it()
    {
        var rig = new Pairing();
        rig.Wire.Policy = s => s.Index == 2 ? Fate.Drop : Fate.Deliver; // the only response
        rig.B.Receive(1, 0, 10);
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 10, rig.B, 1000);
        rig.A.Post(WorkOpcode.Send, 2, 100, 5);
        rig.Run();
        Assert.Equal(0, rig.A.Hca.Counters.Timeouts);
        Assert.Equal([1UL, 2UL], rig.A.Sent().Select(c => c.Id));
        Assert.Single(rig.B.Received());
    }

    [Fact]
    public void Lost_acknowledgement_is_repeated_for_the_duplicate()
    {
        var rig = new Pairing();
        rig.Wire.Policy = s => s.Index == 1 ? Fate.Drop : Fate.Deliver;
        rig.B.Receive(1, 0, 10);
        rig.A.Post(WorkOpcode.Send, 1, 0, 5);
        rig.Run();
        Assert.Equal(["A SEND Only 256 A [5]", "B Acknowledge 256 syn=1f msn=1", "A SEND Only 256 A [5]", "B Acknowledge 256 syn=1f msn=1"], Log(rig));
        Assert.Single(rig.B.Received());
        Assert.Equal(AckTimeout.Of(14), rig.Executor.Now - Instant.Zero);
    }

    [Fact]
    public void Acknowledgement_of_a_duplicate_names_the_newest_packet()
    {
        var rig = new Pairing();
        rig.Wire.Policy = s => s.Index == 0 ? Fate.Echo : Fate.Deliver;
        for (var i = 0; i < 3; i++)
        {
            rig.B.Receive((ulong)i, 0, 10);
            rig.A.Post(WorkOpcode.Send, (ulong)i, 0, 5);
        }
        rig.Run();
        Assert.Equal("B Acknowledge 258 syn=1f msn=3", Log(rig)[^1]);
        Assert.Equal(3, rig.B.Received().Count);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(7)]
    public void Retries_are_counted(int retries)
    {
        var rig = new Pairing(setup: new() { Retries = (byte)retries });
        rig.Wire.Policy = _ => Fate.Drop;
        rig.A.Receive(9, 0, 10);
        rig.A.Post(WorkOpcode.Send, 1, 0, 5);
        rig.A.Post(WorkOpcode.Send, 2, 0, 5);
        rig.Run();
        Assert.Equal([(1UL, CompletionStatus.RetryExceeded), (2UL, CompletionStatus.Flushed)], rig.A.Sent().Select(c => (c.Id, c.Status)));
        Assert.Equal(CompletionStatus.Flushed, Assert.Single(rig.A.Received()).Status);
        Assert.Equal(QpState.Error, rig.A.Qp.State);
        Assert.Equal(AckTimeout.Of(14) * (retries + 1), rig.Executor.Now - Instant.Zero);
        Assert.Equal(2 * (retries + 1), rig.Wire.Log.Count);
        Assert.Empty(rig.Executor.ArmedTimers);
    }

    [Fact]
    public void Timeout_code_0_waits_for_ever()
    {
        var rig = new Pairing(setup: new() { Timeout = 0 });
        rig.Wire.Policy = _ => Fate.Drop;
        rig.A.Post(WorkOpcode.Send, 1, 0, 5);
        rig.Run();
        Assert.Empty(rig.Executor.ArmedTimers);
        Assert.Empty(rig.A.Sent());
    }

    [Theory, InlineData(1), InlineData(12), InlineData(0), InlineData(31)]
    public void Receiver_not_ready_waits_as_long_as_it_asks(int code)
    {
        var rig = new Pairing(setup: new() { RnrTimer = (byte)code, Timeout = 31 });
        rig.A.Post(WorkOpcode.Send, 1, 0, 5);
        rig.A.Post(WorkOpcode.Send, 2, 8, 5);
        rig.Settle();
        Assert.Equal(["A SEND Only 256 A [5]", "A SEND Only 257 A [5]", $"B Acknowledge 256 syn={0x20 + code:x2} msn=0"], Log(rig));
        Assert.Equal(RnrTimer.Of(code), Assert.Single(rig.Executor.ArmedTimers).Deadline - Instant.Zero);
        rig.B.Receive(1, 0, 10);
        rig.B.Receive(2, 10, 10);
        rig.Run();
        Assert.Equal(2, rig.A.Sent().Count);
        Assert.Equal([1UL, 2UL], rig.B.Received().Select(c => c.Id));
        Assert.Equal(7, rig.Wire.Log.Count);
    }

    [Theory, InlineData(0), InlineData(3), InlineData(6)]
    public void Receiver_not_ready_retries_are_counted(int retries)
    {
        var rig = new Pairing(setup: new() { RnrRetries = (byte)retries });
        rig.A.Post(WorkOpcode.Send, 1, 0, 5);
        rig.Run();
        Assert.Equal(CompletionStatus.RnrRetryExceeded, Assert.Single(rig.A.Sent()).Status);
        Assert.Equal(retries + 1, rig.B.Hca.Counters.RnrNaksSent);
        Assert.Equal(QpState.ReadyToSend, rig.B.Qp.State);
    }

    [Fact]
    public void Receiver_not_ready_count_7_has_no_limit()
    {
        var rig = new Pairing();
        rig.A.Post(WorkOpcode.Send, 1, 0, 5);
        for (var i = 0; i < 100; i++)
        {
            rig.Settle();
            Assert.True(rig.Executor.Leap());
        }
        rig.B.Receive(1, 0, 10);
        rig.Run();
        Assert.Equal(CompletionStatus.Success, Assert.Single(rig.A.Sent()).Status);
    }

    [Fact]
    public void Write_with_immediate_needs_a_receive_at_its_last_packet()
    {
        var rig = new Pairing();
        rig.A.Post(WorkOpcode.RdmaWriteWithImmediate, 1, 0, 300, rig.B, 1000, immediate: 5);
        rig.Settle();
        Assert.Equal("B Acknowledge 257 syn=2c msn=0", Log(rig)[^1]);
        rig.B.Receive(1, 0, 0);
        rig.Run();
        Assert.Equal("A RDMA WRITE Last with Immediate 257 A [44]", Log(rig)[^2]);
        Assert.Equal(300U, Assert.Single(rig.B.Received()).ByteLength);
    }

    [Fact]
    public void At_most_max_rd_atomic_reads_are_outstanding()
    {
        var rig = new Pairing(setup: new() { Depth = 2, Resources = 2 });
        rig.B.Receive(1, 0, 10);
        for (var i = 0; i < 5; i++) rig.A.Post(WorkOpcode.RdmaRead, (ulong)i, i * 10, 10, rig.B, 1000);
        rig.A.Post(WorkOpcode.Send, 5, 0, 5);
        Assert.Equal(2, rig.Wire.InFlight);
        rig.Run();
        Assert.Equal([0UL, 1, 2, 3, 4, 5], rig.A.Sent().Select(c => c.Id));
    }

    [Fact]
    public void Fence_waits_for_reads()
    {
        var rig = new Pairing();
        rig.B.Receive(1, 0, 10);
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 600, rig.B, 1000);
        rig.A.Post(WorkOpcode.Send, 2, 0, 5, flags: SendFlags.Signaled | SendFlags.Fence);
        rig.Run();
        Assert.Equal("A SEND Only 259 A [5]", Log(rig)[^2]);
        Assert.Equal("B RDMA READ Response Last 258 syn=1f msn=1 [88]", Log(rig)[^3]);
    }

    [Fact]
    public void Window_bounds_what_is_in_flight()
    {
        var rig = new Pairing(limits: new() { UnackedWindow = 4, AckRequestInterval = 100 });
        rig.B.Receive(1, 100_000, 10_000);
        rig.A.Post(WorkOpcode.Send, 1, 0, 256 * 10);
        Assert.Equal(["A SEND First 256 [256]", "A SEND Middle 257 [256]", "A SEND Middle 258 [256]", "A SEND Middle 259 A [256]"], Log(rig));
        rig.Run();
        Assert.Equal(0, rig.A.Hca.Counters.Timeouts);
        Assert.Single(rig.B.Received());
    }

    [Fact]
    public void Long_message_asks_for_acknowledgement_on_the_way()
    {
        var rig = new Pairing(limits: new() { AckRequestInterval = 4 });
        rig.B.Receive(1, 100_000, 10_000);
        rig.A.Post(WorkOpcode.Send, 1, 0, 256 * 10);
        Assert.Equal([3, 7, 9], rig.Wire.Log.Where(s => s.AckRequest).Select(s => s.Index));
        rig.Run();
    }

    [Fact]
    public void One_acknowledgement_covers_many_requests()
    {
        var rig = new Pairing(limits: new() { AckCoalescing = 8, AckDelay = Duration.FromMicroseconds(3) });
        for (var i = 0; i < 11; i++)
        {
            rig.B.Receive((ulong)i, 0, 10);
            rig.A.Post(WorkOpcode.Send, (ulong)i, 0, 5);
        }
        rig.Run();
        Assert.Equal(["B Acknowledge 263 syn=1f msn=8", "B Acknowledge 266 syn=1f msn=11"], Log(rig)[11..]);
        Assert.Equal(11, rig.A.Sent().Count);
    }

    [Fact]
    public void Long_read_is_asked_for_in_flights()
    {
        var rig = new Pairing(limits: new() { ReadFlight = 4 }, setup: new() { Depth = 1 });
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 256 * 9 + 5, rig.B, 1000);
        rig.Run();
        Assert.Equal([256U, 260, 264], rig.Wire.Log.Where(s => s.Opcode == BthOpcode.RcReadRequest).Select(s => s.Psn.Value));
        Assert.Equal([261U], rig.Wire.Log.Where(s => s.Opcode == BthOpcode.RcReadResponseMiddle).Select(s => s.Psn.Value).Where(p => p is > 260 and < 262));
        Assert.True(rig.A.Bytes(0, 2309).SequenceEqual(rig.B.Bytes(1000, 2309)));
        Assert.Single(rig.A.Sent());
    }

    [Fact]
    public void Long_read_response_gives_way()
    {
        var rig = new Pairing(limits: new() { ReadResponseBurst = 4 });
        rig.A.Receive(1, 900_000, 10);
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 256 * 12, rig.B, 1000);
        Assert.True(rig.Wire.DeliverOne());
        Assert.Equal(4, rig.Wire.InFlight);
        rig.B.Post(WorkOpcode.Send, 2, 0, 5);
        rig.Run();
        Assert.Equal("B SEND Only 2304 A [5]", Log(rig)[5]);
        Assert.True(rig.A.Bytes(0, 256 * 12).SequenceEqual(rig.B.Bytes(1000, 256 * 12)));
    }

    [Fact]
    public void Read_response_waits_while_the_wire_has_no_room()
    {
        var rig = new Pairing();
        rig.B.Port.Room = false;
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 600, rig.B, 1000);
        rig.Settle();
        Assert.Single(rig.Wire.Log);
        rig.B.Port.Room = true;
        rig.Run();
        Assert.Equal(CompletionStatus.Success, Assert.Single(rig.A.Sent()).Status);
        Assert.Equal(0, rig.A.Hca.Counters.Timeouts);
    }

    [Fact]
    public void Acknowledgement_follows_the_read_data_that_is_due_before_it()
    {
        var rig = new Pairing(limits: new() { ReadResponseBurst = 1 });
        rig.B.Receive(1, 0, 10);
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 800, rig.B, 1000);
        rig.A.Post(WorkOpcode.Send, 2, 0, 5);
        rig.Run();
        Assert.Equal("B Acknowledge 260 syn=1f msn=2", Log(rig)[^1]);
        Assert.Equal(0, rig.A.Hca.Counters.Retransmissions);
    }

    [Fact]
    public void Fatal_nak_follows_the_read_data_that_is_due_before_it()
    {
        var rig = new Pairing(limits: new() { ReadResponseBurst = 1 });
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 800, rig.B, 1000);
        rig.A.Post(WorkOpcode.RdmaWrite, 2, 0, 5, rig.B, key: new(0x999));
        rig.Run();
        Assert.Equal([(1UL, CompletionStatus.Success), (2UL, CompletionStatus.RemoteAccessError)], rig.A.Sent().Select(c => (c.Id, c.Status)));
    }

    [Fact]
    public void Unsignaled_requests_complete_silently_unless_they_fail()
    {
        var rig = new Pairing();
        rig.A.Post(WorkOpcode.RdmaWrite, 1, 0, 5, rig.B, flags: SendFlags.None);
        rig.A.Post(WorkOpcode.RdmaWrite, 2, 0, 5, rig.B, flags: SendFlags.None, key: new(0x999));
        rig.Run();
        Assert.Equal((2UL, CompletionStatus.RemoteAccessError), rig.A.Sent().Select(c => (c.Id, c.Status)).Single());
    }

    [Fact]
    public void Atomics_act_on_the_value_in_host_order()
    {
        var rig = new Pairing();
        BitConverter.TryWriteBytes(rig.B.Bytes(800, 8), 1000UL);
        rig.A.Atomic(1, 0, rig.B, 800, 5);
        rig.A.Atomic(2, 8, rig.B, 800, 1005, swap: 7);
        rig.A.Atomic(3, 16, rig.B, 800, 1005, swap: 9);
        rig.Run();
        Assert.Equal([1000UL, 1005, 7], Enumerable.Range(0, 3).Select(i => BitConverter.ToUInt64(rig.A.Bytes(i * 8, 8))));
        Assert.Equal(7UL, BitConverter.ToUInt64(rig.B.Bytes(800, 8)));
    }

    [Fact]
    public void Atomic_whose_answer_was_lost_happens_once()
    {
        var rig = new Pairing();
        rig.Wire.Policy = s => s.Opcode == BthOpcode.RcAtomicAcknowledge && s.Index < 3 ? Fate.Drop : Fate.Deliver;
        BitConverter.TryWriteBytes(rig.B.Bytes(800, 8), 1UL);
        rig.A.Atomic(1, 0, rig.B, 800, 5);
        rig.Run();
        Assert.Equal((1UL, 6UL), (BitConverter.ToUInt64(rig.A.Bytes(0, 8)), BitConverter.ToUInt64(rig.B.Bytes(800, 8))));
    }

    [Fact]
    public void Inline_data_may_change_after_posting()
    {
        var rig = new Pairing();
        rig.B.Receive(1, 1000, 500);
        rig.Executor.RunOne();
        var expected = rig.A.Bytes(0, 500).ToArray();
        rig.Wire.Policy = s => s.Index < 2 ? Fate.Drop : Fate.Deliver;
        rig.A.Post(WorkOpcode.Send, 1, 0, 500, flags: SendFlags.Inline | SendFlags.Signaled);
        rig.A.Bytes(0, 500).Clear();
        rig.Run();
        Assert.True(rig.B.Bytes(1000, 500).SequenceEqual(expected));
    }

    [Fact]
    public void Scattered_buffers_are_filled_in_order()
    {
        var rig = new Pairing();
        Assert.Null(rig.B.Qp.PostReceive(1, [rig.B.Sge(0, 100), rig.B.Sge(50_000, 0), rig.B.Sge(1000, 300), rig.B.Sge(5000, 500)]));
        Assert.Null(rig.A.Qp.PostSend(new() { Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled }, [rig.A.Sge(0, 255), rig.A.Sge(2000, 3), rig.A.Sge(3000, 400)]));
        rig.Run();
        byte[] sent = [.. rig.A.Bytes(0, 255), .. rig.A.Bytes(2000, 3), .. rig.A.Bytes(3000, 400)];
        byte[] got = [.. rig.B.Bytes(0, 100), .. rig.B.Bytes(1000, 300), .. rig.B.Bytes(5000, 258)];
        Assert.Equal(sent, got);
        Assert.Equal(658U, Assert.Single(rig.B.Received()).ByteLength);
    }

    [Fact]
    public void Ghost_and_stale_acknowledgements_are_ignored()
    {
        var rig = new Pairing();
        rig.B.Receive(1, 0, 10);
        rig.A.Post(WorkOpcode.Send, 1, 0, 5);
        foreach (var psn in new uint[] { 0xFF, 0x101, 0x200, 0x800100 })
        {
            var bytes = new byte[20];
            TransportBuilder.Response(bytes, BthOpcode.RcAcknowledge, PKey.Default, rig.A.Qp.Number, new(psn), Aeth.Ack(9));
            rig.Wire.Inject(rig.B.Port, rig.A.Port, bytes);
            TransportBuilder.Response(bytes, BthOpcode.RcAcknowledge, PKey.Default, rig.A.Qp.Number, new(psn), Aeth.Nak(NakCode.RemoteAccessError, 9));
            rig.Wire.Inject(rig.B.Port, rig.A.Port, bytes);
        }
        Assert.Empty(rig.A.Sent());
        rig.Run();
        Assert.Equal(CompletionStatus.Success, Assert.Single(rig.A.Sent()).Status);
    }

    [Fact]
    public void Repeated_read_may_ask_for_a_part_only_inside_what_is_remembered()
    {
        var rig = new Pairing();
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 256 * 5, rig.B, 1000);
        rig.Run();
        Ask(257, 256, 600); // packets 2 to 4, the last one cut
        Assert.Equal(["B RDMA READ Response First 257 syn=1f msn=1 [256]", "B RDMA READ Response Middle 258 [256]",
            "B RDMA READ Response Last 259 syn=1f msn=1 [88]"], Log(rig));
        Ask(257, 255, 600); // another place
        Ask(258, 512, 256 * 3 + 1); // longer than what was asked for
        Ask(250, 0, 10); // not remembered
        Ask(258, 512, 10, rig.B.Region.RKey.NextKey());
        Assert.Empty(Log(rig));

        void Ask(uint psn, uint offset, uint length, RKey? key = null)
        {
            rig.Wire.Log.Clear();
            var bytes = new byte[32];
            TransportBuilder.Rdma(bytes, BthOpcode.RcReadRequest, PKey.Default, rig.B.Qp.Number, new(psn), true,
                new(rig.B.Region.Address + 1000 + offset, key ?? rig.B.Region.RKey, length));
            rig.Wire.Inject(rig.A.Port, rig.B.Port, bytes);
            rig.Settle();
        }
    }

    [Fact]
    public void Attributes_changed_while_drained_do_not_lose_answers_under_way()
    {
        foreach (var resources in new byte[] { 1, 4, 9 })
        {
            var rig = new Pairing(limits: new() { ReadResponseBurst = 1 });
            rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 2000, rig.B, 1000);
            rig.Wire.DeliverOne();
            Assert.Null(rig.B.Qp.Modify(new() { State = QpState.SendQueueDrained }, QpAttributeMask.State));
            Assert.Null(rig.B.Qp.Modify(new() { MaxDestRdAtomic = resources }, QpAttributeMask.MaxDestRdAtomic));
            rig.Run();
            Assert.Equal(CompletionStatus.Success, Assert.Single(rig.A.Sent()).Status);
            Assert.Equal(0, rig.A.Hca.Counters.Timeouts);
        }
    }

    [Fact]
    public void Overtaken_read_response_costs_one_repetition_only()
    {
        var rig = new Pairing();
        rig.Wire.Policy = s => s.Index == 3 ? Fate.Swap : Fate.Deliver;
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 256 * 6, rig.B, 1000);
        rig.Run();
        Assert.Equal([256U, 258], rig.Wire.Log.Where(s => s.Opcode == BthOpcode.RcReadRequest).Select(s => s.Psn.Value));
        Assert.Equal(CompletionStatus.Success, Assert.Single(rig.A.Sent()).Status);
    }

    [Fact]
    public void Nak_that_waits_behind_read_data_is_forgotten_when_the_packet_comes()
    {
        var rig = new Pairing(limits: new() { ReadResponseBurst = 1 });
        rig.B.Receive(1, 0, 10);
        rig.B.Receive(2, 0, 10);
        rig.Wire.Policy = s => s.Index == 1 ? Fate.Swap : Fate.Deliver;
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 256 * 6, rig.B, 1000);
        rig.A.Post(WorkOpcode.Send, 2, 0, 5);
        rig.A.Post(WorkOpcode.Send, 3, 0, 5);
        rig.Run();
        Assert.DoesNotContain(rig.Wire.Log, s => s.Opcode == BthOpcode.RcAcknowledge && s.Syndrome != 0x1F);
        Assert.Equal(3, rig.A.Sent().Count);
    }

    [Fact]
    public void Fewer_reads_at_once_after_a_change_while_some_are_lost()
    {
        for (var lost = 0; lost < 14; lost++)
        {
            var rig = new Pairing();
            rig.Wire.Policy = s => s.Index == lost ? Fate.Drop : Fate.Deliver;
            rig.B.Receive(1, 0, 10);
            for (ulong i = 0; i < 4; i++) rig.A.Post(WorkOpcode.RdmaRead, i, (int)i * 300, 300, rig.B, 1000);
            rig.A.Post(WorkOpcode.Send, 4, 0, 5);
            Assert.Null(rig.A.Qp.Modify(new() { State = QpState.SendQueueDrained }, QpAttributeMask.State));
            Assert.Null(rig.A.Qp.Modify(new() { MaxRdAtomic = 1 }, QpAttributeMask.MaxRdAtomic));
            rig.Run();
            Assert.Equal([0UL, 1, 2, 3, 4], rig.A.Sent().Select(c => c.Id));
        }
    }
}
