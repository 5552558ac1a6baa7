using Weft.Initiator.Recovery;

namespace Weft.Initiator.Tests;

/// <summary>
/// Bugs of the past put back, one at a time, by overriding the method that decides: the test of the right behaviour must fail. A mutant
/// that no test here notices shows only under orders of events that exploration makes.
/// </summary>
public sealed class MutantTests
{
    private class Connection(InitiatorHost host, IConnectionOwner owner, ConnectionSettings settings) : IserConnection(host, owner, settings);

    private sealed class Host(FakeDevice device, Func<InitiatorHost, IConnectionOwner, ConnectionSettings, IscsiConnection>? connection,
        Func<InitiatorHost, string, IpEndpoint, SessionOptions, Isid, IscsiSession>? session) : InitiatorHost(device, "iqn.2024-01.lab:me")
    {
        internal override IscsiConnection CreateConnection(IConnectionOwner owner, ConnectionSettings settings) =>
            connection?.Invoke(this, owner, settings) ?? base.CreateConnection(owner, settings);

        internal override IscsiSession CreateSession(string target, IpEndpoint portal, SessionOptions options, Isid isid) =>
            session?.Invoke(this, target, portal, options, isid) ?? base.CreateSession(target, portal, options, isid);
    }

    private static void MustFail(Func<InitiatorHost, IConnectionOwner, ConnectionSettings, IscsiConnection> connection, Action test) => MustFail(connection, null, test);

    private static void MustFail(Func<InitiatorHost, string, IpEndpoint, SessionOptions, Isid, IscsiSession> session, Action test) => MustFail(null, session, test);

    private static void MustFail(Func<InitiatorHost, IConnectionOwner, ConnectionSettings, IscsiConnection>? connection,
        Func<InitiatorHost, string, IpEndpoint, SessionOptions, Isid, IscsiSession>? session, Action test)
    {
        test();
        Lab.Mutant = device => new Host(device, connection, session);
        try
        {
            Assert.ThrowsAny<Exception>(test);
        }
        finally
        {
            Lab.Mutant = null;
        }
    }

    private sealed class IgnoresWindow(InitiatorHost h, IConnectionOwner o, ConnectionSettings s) : Connection(h, o, s)
    {
        internal override bool HasWindow() => true;
    }

    [Fact]
    public void Window_overrun() => MustFail((h, o, s) => new IgnoresWindow(h, o, s), new SessionTests().Commands_wait_while_the_window_is_closed);

    private sealed class KeepsKeys(InitiatorHost h, IConnectionOwner o, ConnectionSettings s) : Connection(h, o, s)
    {
        internal override bool MustInvalidate(IserTask task) => false;
    }

    [Fact]
    public void Buffer_given_back_while_its_key_is_valid() =>
        MustFail((h, o, s) => new KeepsKeys(h, o, s), new SessionTests().Without_remote_invalidation_the_key_is_taken_back_before_the_buffer_is);

    private sealed class DoesNotWaitForSends(InitiatorHost h, IConnectionOwner o, ConnectionSettings s) : Connection(h, o, s)
    {
        internal override bool IsQuiet(IserTask task) => !task.IsInvalidating;
    }

    [Fact]
    public void Command_ended_before_its_send() =>
        MustFail((h, o, s) => new DoesNotWaitForSends(h, o, s), new SessionTests().A_response_before_the_completion_of_its_own_send_does_not_end_the_command);

    private sealed class TrustsInvalidation(InitiatorHost h, IConnectionOwner o, ConnectionSettings s) : Connection(h, o, s)
    {
        internal override Violation? CheckRemoteInvalidate(IserTask task, bool wasInvalidated, RKey key)
        {
            task.RemoteKey = null;
            return null;
        }
    }

    [Fact]
    public void Foreign_invalidation_accepted() =>
        MustFail((h, o, s) => new TrustsInvalidation(h, o, s), () => new SessionTests().A_wrong_invalidation_drops_the_connection(agreed: true));

    private sealed class OneKey(InitiatorHost h, IConnectionOwner o, ConnectionSettings s) : Connection(h, o, s)
    {
        internal override RKey AdvanceKey(RKey key) => new(key.Value & ~0xFFu | 1);
    }

    [Fact]
    public void Key_not_advanced() =>
        MustFail((h, o, s) => new OneKey(h, o, s), new SessionTests().A_read_gives_its_key_to_the_target_which_takes_it_back_with_the_response);

    private sealed class WriteVaAtStart(InitiatorHost h, IConnectionOwner o, ConnectionSettings s) : Connection(h, o, s)
    {
        internal override ulong WriteVa(ulong address, int unsolicited) => address;
    }

    [Fact]
    public void Write_address_without_the_immediate_bytes() => MustFail((h, o, s) => new WriteVaAtStart(h, o, s),
        () => new SessionTests().A_write_sends_what_was_agreed_and_offers_the_rest_behind_it("InitialR2T=Yes\0ImmediateData=Yes\0", 8192, 0));

    private sealed class LosesFirst(InitiatorHost h, IConnectionOwner o, ConnectionSettings s) : Connection(h, o, s)
    {
        internal override bool ConsumesBeforeLoss => false;
    }

    [Fact]
    public void Good_completions_thrown_away_at_disconnect() =>
        MustFail((h, o, s) => new LosesFirst(h, o, s), new RecoveryTests().A_response_that_came_before_the_goodbye_counts);

    private sealed class DisconnectsAgain(InitiatorHost h, IConnectionOwner o, ConnectionSettings s) : Connection(h, o, s)
    {
        private protected override void Close()
        {
            QueuePair!.Context = this;
            base.Close();
            base.Close();
        }

        internal override bool ShouldDisconnect => true;
    }

    [Fact]
    public void Double_disconnect() => MustFail((h, o, s) => new DisconnectsAgain(h, o, s), new RecoveryTests().Goodbyes_from_both_sides_at_once_make_one_disconnect);

    private sealed class Polite(InitiatorHost h, IConnectionOwner o, ConnectionSettings s) : Connection(h, o, s)
    {
        internal override void AnswerPing(in NopInPdu nop)
        {
        }
    }

    [Fact]
    public void Target_ping_without_an_answer() => MustFail((h, o, s) => new Polite(h, o, s), new RecoveryTests().A_targets_ping_is_answered);

    private sealed class OffersAgreed(InitiatorHost h, string t, IpEndpoint p, SessionOptions o, Isid i) : IscsiSession(h, t, p, o, i)
    {
        internal override KeyPolicy PolicyToOffer() => LastLoss is null ? base.PolicyToOffer() : base.PolicyToOffer().Clone().With(KeyId.FirstBurstLength, 65536u);
    }

    [Fact]
    public void Renegotiate_with_negotiated() => MustFail((h, t, p, o, i) => new OffersAgreed(h, t, p, o, i),
        new RecoveryTests().A_lost_session_logs_in_again_after_time2wait_with_the_same_isid_and_the_configured_values);

    private sealed class NoTime2Wait(InitiatorHost h, string t, IpEndpoint p, SessionOptions o, Isid i) : IscsiSession(h, t, p, o, i)
    {
        internal override Duration DelayBeforeLogin(ConnectionLoss loss, bool wasFullFeature) => Duration.Zero;
    }

    [Fact]
    public void Time2wait_not_honoured() =>
        MustFail((h, t, p, o, i) => new NoTime2Wait(h, t, p, o, i), new RecoveryTests().A_drop_that_is_announced_says_when_to_come_back);

    private sealed class ForgivesForEver(InitiatorHost h, string t, IpEndpoint p, SessionOptions o, Isid i) : IscsiSession(h, t, p, o, i)
    {
        internal override bool FailsAfterReplacementTimeout => false;
    }

    [Fact]
    public void Replacement_timeout_ignored() => MustFail((h, t, p, o, i) => new ForgivesForEver(h, t, p, o, i),
        new RecoveryTests().Waiting_commands_fail_after_the_replacement_timeout_and_flow_again_after_a_login);

    private sealed class AbortMustSucceed(InitiatorHost h, string t, IpEndpoint p, SessionOptions o, Isid i) : IscsiSession(h, t, p, o, i)
    {
        internal override ErrorHandler CreateErrorHandler() => new Handler(this, Timeouts);

        private sealed class Handler(InitiatorSession session, SessionTimeouts timeouts) : ErrorHandler(session, timeouts)
        {
            internal override bool HoldsCommands => false;
            internal override bool HasSucceeded(TaskManagementOutcome outcome, DiskCommand command) => true;
        }
    }

    [Fact]
    public void Failed_abort_taken_for_success() => MustFail((h, t, p, o, i) => new AbortMustSucceed(h, t, p, o, i),
        () => new ErrorHandlingTests().Failure_leads_from_abort_to_resets_to_the_end_of_the_connection(answers: true));

    private sealed class NeverLooksAgain(InitiatorHost h, IConnectionOwner o, ConnectionSettings s) : Connection(h, o, s)
    {
        internal override void Consume(ICompletionQueue cq)
        {
            TakeAll(cq);
            Between?.Invoke();
            cq.Arm();
        }

        [ThreadStatic]
        public static Action? Between;
    }

    [Fact]
    public void Completion_between_the_last_look_and_the_arming()
    {
        Run();
        Lab.Mutant = device => new Host(device, (h, o, s) => new NeverLooksAgain(h, o, s), null);
        try
        {
            Assert.ThrowsAny<Exception>(Run);
        }
        finally
        {
            (Lab.Mutant, NeverLooksAgain.Between) = (null, null);
        }

        static void Run() => Lab.Run(async lab =>
        {
            var session = await lab.LoginAsync();
            var held = new List<Request>();
            lab.Target.OnCommand = held.Add;
            var first = Lab.Read(new byte[512]);
            var second = Lab.Read(new byte[512]);
            session.Submit(first);
            session.Submit(second);
            await lab.Delay(0.1);
            NeverLooksAgain.Between = () =>
            {
                NeverLooksAgain.Between = null;
                lab.Target.Respond(held[1]);
            };
            lab.Target.Respond(held[0]);
            if (Lab.Mutant is null) lab.Target.Respond(held[1]);
            await lab.World.Until(() => !first.IsBusy && !second.IsBusy, "both to end", Duration.FromSeconds(1));
        });
    }

    private sealed class DrainsOneQueue(InitiatorHost h, IConnectionOwner o, ConnectionSettings s) : Connection(h, o, s)
    {
        internal override bool IsDrained(bool sends, bool receives) => sends;
    }

    [Fact]
    public void Drain_marker_of_the_send_queue_alone()
    {
        Run();
        Lab.Mutant = device => new Host(device, (h, o, s) => new DrainsOneQueue(h, o, s), null);
        try
        {
            Assert.ThrowsAny<Exception>(Run);
        }
        finally
        {
            Lab.Mutant = null;
        }

        static void Run() => Lab.Run(async lab =>
        {
            // The receive queue flushes last: its completion queue is held back while the send queue's goes on.
            var session = await lab.LoginAsync(new() { SharedCompletionQueue = false });
            var (pair, regions) = (lab.Target.Pair, lab.Device.Regions.Count);
            ((FakeCompletionQueue)pair.ReceiveCq).IsHeld = true;
            lab.Target.Disconnect();
            await lab.Delay(0.5);
            Assert.Contains(pair, lab.Device.Pairs); // nothing was freed yet
            ((FakeCompletionQueue)pair.ReceiveCq).Release();
            await lab.World.Until(() => session.Logins == 2, "the next login");
        });
    }
}
