using Weft.Protocol.Cm;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Tests.Cm;

/// <summary>The state machine against what Linux peers sent: fed with one side of a capture, it must send the other side, byte for byte.</summary>
public class CmConnectionTests
{
    private static readonly Guid64 A = new(0x505400fffe09000a);
    private static readonly Guid64 B = new(0x505400fffe09000b);
    private readonly RecordingSink sink = new();
    private Instant now = new(1000);

    private static T Read<T>(byte[] mad) where T : struct, ICmMessage<T> => T.TryRead(mad.AsSpan(24), out var message) ? message : throw new InvalidOperationException();

    private bool Feed(CmConnection c, byte[] mad) => c.OnMessage(RecordingSink.AttributeOf(mad), RecordingSink.TransactionOf(mad), mad.AsSpan(24), now);

    private CmConnection Active(byte[] req)
    {
        var message = Read<CmReq>(req);
        var c = new CmConnection(message.LocalCommId, message.LocalCaGuid, RecordingSink.TransactionOf(req), sink);
        Assert.True(c.Connect(message, CmTimers.ResponseTimeout(18, 20), now));
        return c;
    }

    private CmConnection Passive(byte[] req, uint localCommId, ulong transaction = 0)
    {
        var c = new CmConnection(localCommId, A, transaction, sink);
        Assert.True(c.Receive(Read<CmReq>(req), RecordingSink.TransactionOf(req), req.AsSpan(24), now));
        return c;
    }

    [Fact]
    public void The_active_side_sends_what_linux_sent()
    {
        byte[] Of(int frame) => CapturedCm.Find("rping", frame).Mad;
        var c = Active(Of(3));
        Assert.True(Feed(c, Of(4)));
        Assert.Equal(CmState.RepReceived, c.State);
        Assert.True(c.Ready([], now));
        Assert.Equal(CmState.Established, c.State);
        Assert.True(c.Deadline.IsNever);
        Assert.True(c.Disconnect([], now));
        Assert.True(Feed(c, Of(43)));
        Assert.Equal([Of(3), Of(5), Of(42)], sink.Sent);
        Assert.Equal([CmNoticeKind.RepReceived, CmNoticeKind.Disconnected], sink.Notices);
        Assert.Equal(CmState.TimeWait, c.State);
        Assert.Equal(now + CodedTime.ToDuration(19), c.Deadline);
        now = c.Deadline;
        c.OnTimer(now);
        Assert.Equal((CmState.Closed, true), (c.State, c.Deadline.IsNever));
        Assert.Equal(CmNoticeKind.TimeWaitExit, sink.Notices[^1]);
    }

    [Fact]
    public void The_passive_side_sends_what_linux_sent()
    {
        byte[] Of(int frame) => CapturedCm.Find("rping", frame).Mad;
        var c = Passive(Of(3), 0x3355a1e2);
        Assert.True(c.Accept(Read<CmRep>(Of(4)), now));
        Assert.Equal(now + CodedTime.ToDuration(20), c.Deadline);
        Assert.True(Feed(c, Of(5)));
        Assert.Equal((CmState.Established, true), (c.State, c.Deadline.IsNever));
        Assert.True(Feed(c, Of(42)));
        Assert.Equal(CmState.DreqReceived, c.State);
        Assert.True(c.Disconnect([], now));
        Assert.Equal([Of(4), Of(43)], sink.Sent);
        Assert.Equal([CmNoticeKind.ReqReceived, CmNoticeKind.Established, CmNoticeKind.PeerDisconnected], sink.Notices);
        Assert.True(Feed(c, Of(42)));
        Assert.Equal(Of(43), sink.Sent[^1]); // the DREP again
    }

    [Fact]
    public void An_initiator_that_goes_away_while_it_waits_sends_the_timeout_rejection_of_linux()
    {
        var c = Active(CapturedCm.Find("iser-kill-target", 779).Mad);
        now = c.Deadline;
        c.OnTimer(now);
        Assert.Equal(CapturedCm.Find("iser-kill-target", 781).Mad, sink.Sent[^1]);
        c.Destroy(now);
        Assert.Equal(CapturedCm.Find("iser-kill-target", 784).Mad, sink.Sent[^1]);
        Assert.Equal((CmState.Closed, true, 1), (c.State, c.Deadline.IsNever, c.Retransmissions));
    }

    [Fact]
    public void Stateless_answers_are_those_of_linux()
    {
        var req = CapturedCm.Find("srp-relogin", 250).Mad;
        Assert.Equal(Read<CmRej>(CapturedCm.Find("srp-relogin", 251).Mad), CmReplies.Reject(Read<CmReq>(req), CmRejReason.StaleConnection));
        Assert.Equal(
            Read<CmRej>(CapturedCm.Find("cm-rej-noservice", 2).Mad),
            CmReplies.Reject(Read<CmReq>(CapturedCm.Find("cm-rej-noservice", 1).Mad), CmRejReason.InvalidServiceId));
        Assert.Equal(Read<CmDrep>(CapturedCm.Find("srp-relogin", 253).Mad), CmReplies.Answer(Read<CmDreq>(CapturedCm.Find("srp-relogin", 252).Mad)));
    }

    [Fact]
    public void A_consumer_rejection_is_that_of_linux()
    {
        var rej = CapturedCm.Find("srp-rej-badguid", 2).Mad;
        var c = Passive(CapturedCm.Find("srp-rej-badguid", 1).Mad, 0x11223344);
        var seen = Read<CmRej>(rej);
        Assert.Equal(CmRejReason.ConsumerDefined, seen.Reason);
        Assert.True(c.Reject(CmRejReason.ConsumerDefined, [], seen.PrivateData, now));
        Assert.Equal(rej, sink.Sent[^1]);
        Assert.Equal(CmState.Closed, c.State);
    }

    [Fact]
    public void A_datagram_service_is_resolved_as_by_linux()
    {
        var req = Read<CmSidrReq>(CapturedCm.Find("udaddy", 1).Mad);
        var tid = RecordingSink.TransactionOf(CapturedCm.Find("udaddy", 1).Mad);
        var active = new CmConnection(req.RequestId, B, tid, sink);
        Assert.True(active.ConnectSidr(req, CmTimers.ResponseTimeout(18, 20), 15, now));
        Assert.Equal(CapturedCm.Find("udaddy", 1).Mad, sink.Sent[^1]);
        var passive = new CmConnection(7, A, 0, sink);
        Assert.True(passive.ReceiveSidr(req, tid, CapturedCm.Find("udaddy", 1).Mad.AsSpan(24), now));
        Assert.True(passive.AnswerSidr(Read<CmSidrRep>(CapturedCm.Find("udaddy", 2).Mad), now));
        Assert.Equal(CapturedCm.Find("udaddy", 2).Mad, sink.Sent[^1]);
        Assert.True(Feed(active, sink.Sent[^1]));
        Assert.Equal((CmState.Closed, CmNoticeKind.SidrRepReceived), (active.State, sink.Notices[^1]));
        Assert.True(Feed(passive, CapturedCm.Find("udaddy", 1).Mad)); // asked again, answered again
        Assert.Equal(CapturedCm.Find("udaddy", 2).Mad, sink.Sent[^1]);
        passive.Destroy(now);
        Assert.Equal(CmState.Closed, passive.State);
    }

    [Fact]
    public void A_request_is_sent_sixteen_times_and_then_given_up()
    {
        var c = Active(CapturedCm.Find("rping", 3).Mad);
        var started = now;
        while (!c.Deadline.IsNever)
        {
            now = c.Deadline;
            c.OnTimer(now);
        }
        Assert.Equal(16, sink.Sent.Count(m => RecordingSink.Name(m) == "REQ"));
        Assert.Equal("REJ", sink.LastMessage);
        Assert.Equal([CmNoticeKind.RequestError], sink.Notices);
        Assert.Equal(CmState.Closed, c.State);
        Assert.Equal(CmTimers.ResponseTimeout(18, 20) * 16, now - started);
    }

    [Fact]
    public void A_reply_is_sent_sixteen_times_and_then_given_up_through_timewait()
    {
        var c = Passive(CapturedCm.Find("rping", 3).Mad, 5);
        Assert.True(c.Accept(new CmRep { LocalCommId = 5, RemoteCommId = c.RemoteCommId, LocalQpn = new(9) }, now));
        while (!c.Deadline.IsNever)
        {
            now = c.Deadline;
            c.OnTimer(now);
        }
        Assert.Equal(16, sink.Sent.Count(m => RecordingSink.Name(m) == "REP"));
        Assert.Equal([CmNoticeKind.ReqReceived, CmNoticeKind.ReplyError, CmNoticeKind.TimeWaitExit], sink.Notices);
    }

    [Fact]
    public void An_early_timer_does_nothing()
    {
        var c = Active(CapturedCm.Find("rping", 3).Mad);
        c.OnTimer(c.Deadline - new Duration(1));
        Assert.Single(sink.Sent);
    }

    [Fact]
    public void Data_before_the_ready_to_use_establishes_and_the_late_message_is_harmless()
    {
        var c = Passive(CapturedCm.Find("rping", 3).Mad, 0x3355a1e2);
        c.Accept(Read<CmRep>(CapturedCm.Find("rping", 4).Mad), now);
        Assert.True(c.CommunicationEstablished(now));
        Assert.Equal((CmState.Established, true), (c.State, c.Deadline.IsNever));
        Assert.True(Feed(c, CapturedCm.Find("rping", 5).Mad));
        Assert.True(c.CommunicationEstablished(now));
        Assert.Equal([CmNoticeKind.ReqReceived, CmNoticeKind.Established], sink.Notices);
        Assert.Equal(CmState.Established, c.State);
    }

    [Fact]
    public void A_repeated_reply_is_answered_with_the_ready_to_use()
    {
        var c = Active(CapturedCm.Find("rping", 3).Mad);
        Feed(c, CapturedCm.Find("rping", 4).Mad);
        c.Ready([], now);
        Assert.True(Feed(c, CapturedCm.Find("rping", 4).Mad));
        Assert.Equal(["REQ", "RTU", "RTU"], sink.Sent.Select(RecordingSink.Name));
        Assert.Equal(1, c.Ignored);
        var other = Read<CmRep>(CapturedCm.Find("rping", 4).Mad) with { LocalCommId = 77 };
        var mad = new byte[256];
        CmMad.Write(mad, c.TransactionId, other);
        Assert.False(Feed(c, mad)); // of another connection of the peer
    }

    [Fact]
    public void A_receipt_acknowledgement_prolongs_the_wait_once()
    {
        var c = Active(CapturedCm.Find("rping", 3).Mad);
        var mad = new byte[256];
        CmMad.Write(mad, c.TransactionId, new CmMra { LocalCommId = 9, RemoteCommId = c.LocalCommId, Message = CmMessageRef.Req, ServiceTimeout = 24 });
        Assert.True(Feed(c, mad));
        Assert.Equal(CmState.MraReqReceived, c.State);
        Assert.Equal(now + CodedTime.ToDuration(24) + CodedTime.ToDuration(19), c.Deadline);
        var first = c.Deadline;
        now += Duration.FromSeconds(1);
        Assert.True(Feed(c, mad));
        Assert.Equal(first, c.Deadline); // only once
        now = c.Deadline;
        c.OnTimer(now);
        Assert.Equal(now + CmTimers.ResponseTimeout(18, 20), c.Deadline);
        Assert.Equal(["REQ", "REQ"], sink.Sent.Select(RecordingSink.Name));
    }

    [Fact]
    public void A_slow_consumer_answers_repeated_messages_with_receipt_acknowledgements()
    {
        var req = CapturedCm.Find("rping", 3).Mad;
        var c = Passive(req, 5);
        Assert.True(Feed(c, req));
        Assert.Empty(sink.Sent);
        Assert.True(c.Mra(24, onlyWhenRepeated: true, now));
        Assert.Empty(sink.Sent);
        Assert.True(Feed(c, req));
        var mra = Read<CmMra>(sink.Sent[^1]);
        Assert.Equal((5u, c.RemoteCommId, CmMessageRef.Req, 24), (mra.LocalCommId, mra.RemoteCommId, mra.Message, (int)mra.ServiceTimeout));

        var a = Active(req);
        Feed(a, CapturedCm.Find("rping", 4).Mad);
        Assert.True(a.Mra(24, onlyWhenRepeated: true, now));
        Feed(a, CapturedCm.Find("rping", 4).Mad);
        Assert.Equal(CmMessageRef.Rep, Read<CmMra>(sink.Sent[^1]).Message);
        Assert.True(a.Ready([], now));
        Assert.Equal(CmState.Established, a.State);
    }

    [Fact]
    public void Crossing_disconnects_are_both_answered()
    {
        var (a, b) = Pair();
        a.Disconnect([], now);
        var fromA = sink.Sent[^1];
        b.Disconnect([], now);
        var fromB = sink.Sent[^1];
        Assert.True(Feed(b, fromA));
        Assert.Equal("DREP", sink.LastMessage);
        Assert.True(Feed(a, fromB));
        Assert.Equal("DREP", sink.LastMessage);
        Assert.Equal((CmState.TimeWait, CmState.TimeWait), (a.State, b.State));
        Assert.Equal(2, sink.Notices.Count(n => n == CmNoticeKind.Disconnected));
    }

    [Fact]
    public void Disconnecting_twice_is_one_exchange()
    {
        var (a, b) = Pair();
        Assert.True(a.Disconnect([], now));
        Assert.True(a.Disconnect([], now));
        Assert.Equal(1, sink.Sent.Count(m => RecordingSink.Name(m) == "DREQ"));
        Feed(b, sink.Sent[^1]);
        Assert.True(b.Disconnect([], now));
        Assert.True(b.Disconnect([], now));
        Assert.Equal(1, sink.Sent.Count(m => RecordingSink.Name(m) == "DREP"));
    }

    [Fact]
    public void A_disconnect_that_names_another_qp_is_ignored()
    {
        var (a, b) = Pair();
        a.Disconnect([], now);
        var dreq = Read<CmDreq>(sink.Sent[^1]) with { RemoteQpn = new(0x99) };
        var mad = new byte[256];
        CmMad.Write(mad, 1, dreq);
        Assert.False(Feed(b, mad));
        Assert.Equal(CmState.Established, b.State);
    }

    [Fact]
    public void An_unanswered_disconnect_ends_in_timewait()
    {
        var (a, _) = Pair();
        a.Disconnect([], now);
        while (!a.Deadline.IsNever)
        {
            now = a.Deadline;
            a.OnTimer(now);
        }
        Assert.Equal([CmNoticeKind.DisconnectError, CmNoticeKind.TimeWaitExit], sink.Notices[^2..]);
        Assert.Equal(16, sink.Sent.Count(m => RecordingSink.Name(m) == "DREQ"));
    }

    [Fact]
    public void In_timewait_the_same_request_is_stale()
    {
        var (_, b) = Pair();
        b.Destroy(now);
        Assert.Equal(("DREQ", CmState.TimeWait), (sink.LastMessage, b.State));
        var req = CapturedCm.Find("rping", 3).Mad;
        Assert.True(Feed(b, req));
        var rej = Read<CmRej>(sink.Sent[^1]);
        Assert.Equal((CmRejReason.StaleConnection, CmMessageRef.Req, b.RemoteCommId), (rej.Reason, rej.Message, rej.RemoteCommId));
    }

    [Theory]
    [InlineData(CmRejReason.ConsumerDefined, CmState.Closed)]
    [InlineData(CmRejReason.InvalidServiceId, CmState.Closed)]
    [InlineData(CmRejReason.StaleConnection, CmState.TimeWait)]
    public void A_rejection_of_the_request_ends_it(CmRejReason reason, CmState end)
    {
        var c = Active(CapturedCm.Find("rping", 3).Mad);
        var mad = new byte[256];
        CmMad.Write(mad, c.TransactionId, new CmRej { RemoteCommId = c.LocalCommId, Reason = reason });
        Assert.True(Feed(c, mad));
        Assert.Equal((end, CmNoticeKind.Rejected), (c.State, sink.Notices[^1]));
        Assert.Equal(end == CmState.Closed, c.Deadline.IsNever);
    }

    [Fact]
    public void A_rejection_of_an_established_connection_ends_it()
    {
        var (a, _) = Pair();
        var mad = new byte[256];
        CmMad.Write(mad, a.TransactionId, new CmRej { LocalCommId = a.RemoteCommId, RemoteCommId = a.LocalCommId, Message = CmMessageRef.Other, Reason = CmRejReason.Timeout });
        Assert.True(Feed(a, mad));
        Assert.Equal((CmState.TimeWait, CmNoticeKind.Disconnected), (a.State, sink.Notices[^1]));
    }

    [Fact]
    public void Alternate_paths_are_declined()
    {
        var (a, _) = Pair();
        var mad = new byte[256];
        CmMad.Write(mad, 5, new CmLap { LocalCommId = a.RemoteCommId, RemoteCommId = a.LocalCommId, RemoteQpn = a.LocalQpn });
        Assert.True(Feed(a, mad));
        Assert.Equal((CmAprStatus.Unsupported, 5ul), (Read<CmApr>(sink.Sent[^1]).Status, RecordingSink.TransactionOf(sink.Sent[^1])));
    }

    [Fact]
    public void Calls_that_a_state_does_not_know_are_refused()
    {
        var (a, b) = Pair();
        var count = sink.Sent.Count;
        Assert.False(a.Connect(new CmReq(), Duration.Zero, now));
        Assert.False(a.Ready([], now));
        Assert.False(b.Accept(new CmRep(), now));
        Assert.False(b.Reject(CmRejReason.ConsumerDefined, [], [], now));
        Assert.False(b.Mra(1, false, now));
        Assert.False(b.AnswerSidr(new CmSidrRep(), now));
        Assert.Equal(count, sink.Sent.Count);
    }

    /// <summary>
    /// Two machines over a wire that loses, repeats and reorders, with calls at odd moments: both always come to rest, every timer ends,
    /// and no notice follows the last.
    /// </summary>
    [Fact]
    public void Whatever_the_wire_does_both_sides_come_to_rest()
    {
        var rounds = int.Parse(Environment.GetEnvironmentVariable("WEFT_FUZZ_ROUNDS") ?? "3000");
        var ends = new HashSet<(CmState, CmState)>();
        for (var seed = 0; seed < rounds; seed++) ends.Add(RunPair(new System.Random(seed), seed));
        Assert.Contains((CmState.Established, CmState.Established), ends);
        Assert.Contains((CmState.Closed, CmState.Closed), ends);
    }

    private static (CmState, CmState) RunPair(System.Random random, int seed)
    {
        var loss = random.Next(0, 60);
        var wire = new List<(bool ToA, byte[] Mad)>();
        var time = new Instant(0);
        var captured = Read<CmReq>(CapturedCm.Find("rping", 3).Mad) with { LocalCommId = 1, MaxCmRetries = (byte)random.Next(0, 4) };
        var sinkA = new RecordingSink();
        var sinkB = new RecordingSink();
        var a = new CmConnection(1, B, 1, sinkA);
        CmConnection? b = null;
        sinkA.OnSend = (_, mad) => Wire(false, mad);
        sinkB.OnSend = (_, mad) => Wire(true, mad);
        sinkA.OnNotice = (c, n) =>
        {
            if (n == CmNoticeKind.RepReceived && random.Next(20) != 0) Assert.True(c.Ready([], time));
            if (n == CmNoticeKind.PeerDisconnected && random.Next(4) != 0) c.Disconnect([], time);
        };
        sinkB.OnNotice = (c, n) =>
        {
            if (n == CmNoticeKind.PeerDisconnected && random.Next(4) != 0) c.Disconnect([], time);
        };

        Assert.True(a.Connect(captured, new(1000), time));
        for (var step = 0; step < 2000; step++)
        {
            if (wire.Count > 0 && random.Next(8) != 0)
            {
                var i = random.Next(4) == 0 ? random.Next(wire.Count) : 0;
                var (toA, mad) = wire[i];
                if (random.Next(10) != 0) wire.RemoveAt(i);
                if (random.Next(100) < loss) continue;
                Deliver(toA, mad);
            }
            else if (random.Next(6) == 0 && step < 300) Call(random.Next(9));
            else
            {
                var next = Instant.Min(a.Deadline, b?.Deadline ?? Instant.Never);
                if (next.IsNever && wire.Count == 0) break;
                if (next.IsNever) continue;
                time = next;
                a.OnTimer(time);
                b?.OnTimer(time);
            }
        }
        Assert.True(a.Deadline.IsNever, $"seed {seed}: {a}");
        Assert.True(b?.Deadline.IsNever ?? true, $"seed {seed}: {b}");
        foreach (var s in (RecordingSink[])[sinkA, sinkB])
            foreach (var once in (CmNoticeKind[])[CmNoticeKind.Established, CmNoticeKind.Rejected, CmNoticeKind.TimeWaitExit, CmNoticeKind.PeerDisconnected])
                Assert.True(s.Notices.Count(n => n == once) <= 1, $"seed {seed}: {once} twice");
        return (a.State, b?.State ?? CmState.Idle);

        void Wire(bool toA, byte[] mad)
        {
            if (random.Next(100) >= loss) wire.Add((toA, mad));
        }

        void Deliver(bool toA, byte[] mad)
        {
            var attribute = RecordingSink.AttributeOf(mad);
            if (toA) a.OnMessage(attribute, RecordingSink.TransactionOf(mad), mad.AsSpan(24), time);
            else if (b is null)
            {
                if (attribute != CmAttribute.Req) return;
                b = new(2, A, 2, sinkB);
                b.Receive(Read<CmReq>(mad), RecordingSink.TransactionOf(mad), mad.AsSpan(24), time);
                if (random.Next(10) != 0) b.Accept(new CmRep { LocalCommId = 2, RemoteCommId = 1, LocalQpn = new(0x22), LocalCaGuid = A }, time);
            }
            else b.OnMessage(attribute, RecordingSink.TransactionOf(mad), mad.AsSpan(24), time);
        }

        void Call(int what)
        {
            switch (what)
            {
                case 0: a.Disconnect([], time); break;
                case 1: b?.Disconnect([], time); break;
                case 2 when random.Next(4) == 0: a.Destroy(time); break;
                case 3 when random.Next(4) == 0: b?.Destroy(time); break;
                case 4: b?.CommunicationEstablished(time); break;
                case 5: b?.Mra(10, random.Next(2) == 0, time); break;
                case 6: a.Mra(10, random.Next(2) == 0, time); break;
                case 7: b?.Accept(new CmRep { LocalCommId = 2, RemoteCommId = 1, LocalQpn = new(0x22), LocalCaGuid = A }, time); break;
                case 8 when random.Next(4) == 0: b?.Reject(CmRejReason.ConsumerDefined, [], [], time); break;
            }
        }
    }

    private (CmConnection A, CmConnection B) Pair()
    {
        var req = CapturedCm.Find("rping", 3).Mad;
        var a = Active(req);
        var b = Passive(req, 0x3355a1e2);
        b.Accept(Read<CmRep>(CapturedCm.Find("rping", 4).Mad), now);
        Feed(a, CapturedCm.Find("rping", 4).Mad);
        a.Ready([], now);
        Feed(b, CapturedCm.Find("rping", 5).Mad);
        Assert.Equal((CmState.Established, CmState.Established), (a.State, b.State));
        return (a, b);
    }
}
