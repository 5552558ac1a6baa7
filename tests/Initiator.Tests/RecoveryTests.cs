namespace Weft.Initiator.Tests;

public sealed class RecoveryTests
{
    private static Duration S(double seconds) => Duration.FromSeconds(seconds);

    [Fact]
    public void A_lost_session_logs_in_again_after_time2wait_with_the_same_isid_and_the_configured_values() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var first = lab.Target.Last(IscsiOpcode.LoginRequest);
        var lost = lab.Node.Now;
        lab.Target.Disconnect();
        await lab.World.Until(() => session.State == SessionState.Recovering, "recovery");
        await lab.World.Until(() => session.State == SessionState.LoggedIn, "the next login");
        Assert.Equal(2, session.Logins);
        Assert.Equal(S(2), new Duration((lab.Node.Now - lost).Nanoseconds / 1_000_000 * 1_000_000));
        Assert.Equal(first.Bytes, lab.Target.Last(IscsiOpcode.LoginRequest).Bytes); // ISID, TSIH 0, and the same text
    });

    [Fact]
    public void Running_commands_with_retries_go_back_in_order_and_others_fail() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var held = new List<Request>();
        lab.Target.OnCommand = held.Add;
        var ended = new List<DiskCommand>();
        var commands = new List<DiskCommand>();
        for (var i = 0; i < 6; i++)
        {
            var command = Lab.Read(new byte[512], ended, retries: i % 2 == 0 ? 5 : 0);
            command.SetCdb(Cdb.Read10((uint)i, 1));
            commands.Add(command);
            session.Submit(command);
        }
        await lab.Delay(0.1);
        lab.Target.Disconnect();
        await lab.World.Until(() => session.State == SessionState.Recovering, "recovery");
        await lab.World.Until(() => ended.Count == 3, "those without retries to end");
        Assert.Equal([commands[1], commands[3], commands[5]], ended);
        Assert.All(ended, c => Assert.Equal(CommandOutcome.TransportDisrupted, c.Outcome));
        var late = Lab.Read(new byte[512], ended);
        late.SetCdb(Cdb.Read10(9, 1));
        session.Submit(late); // in the middle of it: queued
        held.Clear();
        await lab.World.Until(() => held.Count == 4, "them to be sent again");
        Assert.Equal([0u, 2, 4, 9], held.Select(r => LbaOf(r)));
        foreach (var request in held) lab.Target.Respond(request);
        await lab.World.Until(() => ended.Count == 7, "all to end");
        Assert.All(ended.Skip(3), c => Assert.True(c.IsGood));
        Assert.Equal(3, session.Retries);

        static uint LbaOf(Request r)
        {
            Span<byte> cdb = stackalloc byte[16];
            r.Command.Cdb.CopyTo(cdb);
            return System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(cdb[2..]);
        }
    });

    [Fact]
    public void A_response_that_came_before_the_goodbye_counts() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var command = Lab.Read(new byte[512]);
        lab.Target.OnCommand = request =>
        {
            lab.Target.Respond(request);
            lab.Target.Disconnect();
        };
        ((FakeCompletionQueue)lab.Target.Pair.ReceiveCq).IsHeld = true;
        session.Submit(command);
        await lab.World.Until(() => !command.IsBusy, "the command to end");
        Assert.True(command.IsGood);
        foreach (var cq in lab.Device.Queues) cq.Release();
        await lab.World.Until(() => session.Logins == 2, "the next login");
    });

    [Fact]
    public void Waiting_commands_fail_after_the_replacement_timeout_and_flow_again_after_a_login() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync(new() { Timeouts = new() { Replacement = S(20) } });
        for (var i = 0; i < 10; i++) lab.Device.ConnectOutcomes.Enqueue(CmEventType.Unreachable);
        lab.Target.Disconnect();
        await lab.World.Until(() => session.State == SessionState.Recovering, "recovery");
        var lost = lab.Node.Now;
        var ended = new List<DiskCommand>();
        session.Submit(Lab.Read(new byte[512], ended));
        await lab.World.Until(() => ended.Count == 1, "it to fail");
        Assert.Equal((CommandOutcome.TransportFailed, S(20)), (ended[0].Outcome, lab.Node.Now - lost));
        session.Submit(Lab.Read(new byte[512], ended));
        Assert.Single(ended); // never inside Submit
        await lab.Delay(0.001);
        Assert.Equal(CommandOutcome.TransportFailed, ended[1].Outcome);
        await lab.World.Until(() => session.State == SessionState.LoggedIn, "the next login");
        Assert.Equal(12, lab.Device.Connects); // every 3 s after 2 s
        Assert.True((await session.OpenDisk(0).ExecuteAsync(Cdb.TestUnitReady())).IsGood);
    });

    [Fact]
    public void Replacement_timeout_zero_fails_at_once() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync(new() { Timeouts = new() { Replacement = Duration.Zero } });
        lab.Target.OnCommand = _ => lab.Target.Disconnect();
        Assert.Equal(CommandOutcome.TransportDisrupted, (await session.OpenDisk(0).ExecuteAsync(Cdb.TestUnitReady())).Outcome);
        Assert.Equal(CommandOutcome.TransportFailed, (await session.OpenDisk(0).ExecuteAsync(Cdb.TestUnitReady())).Outcome);
    });

    [Fact]
    public void Reopen_max_gives_the_session_up() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync(new() { Timeouts = new() { ReopenMax = 3 } });
        for (var i = 0; i < 3; i++) lab.Device.ConnectOutcomes.Enqueue(CmEventType.Rejected);
        lab.Target.Disconnect();
        await lab.World.Until(() => session.State == SessionState.Closed, "the end");
        Assert.Equal(4, lab.Device.Connects);
    });

    [Fact]
    public void Pings_keep_a_quiet_session_and_their_absence_ends_it() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        await lab.Delay(21);
        Assert.Equal(4, lab.Target.Count(IscsiOpcode.NopOut));
        Assert.Equal(1, session.Logins);
        var last = lab.Target.Last(IscsiOpcode.NopOut);
        Assert.True(last.Bhs.Immediate && !last.Bhs.InitiatorTaskTag.IsReserved);
        lab.Target.AnswersPings = false;
        await lab.World.Until(() => session.State == SessionState.Recovering, "recovery");
        Assert.Equal(S(30), new Duration((lab.Node.Now - Instant.Zero).Nanoseconds / 1_000_000_000 * 1_000_000_000));
        lab.Target.AnswersPings = true;
        await lab.World.Until(() => session.Logins == 2, "the next login");
    });

    [Fact]
    public void Traffic_makes_pings_needless() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        for (var i = 0; i < 20; i++)
        {
            await session.OpenDisk(0).TestUnitReadyAsync();
            await lab.Delay(2);
        }
        Assert.Equal(0, lab.Target.Count(IscsiOpcode.NopOut));
    });

    [Fact]
    public void A_targets_ping_is_answered() => Lab.Run(async lab =>
    {
        await lab.LoginAsync();
        for (var i = 0; i < 100; i++)
        {
            lab.Target.Nop(0x1234 + (uint)i);
            await lab.Delay(0.001);
        }
        Assert.Equal(100, lab.Target.Count(IscsiOpcode.NopOut));
        Assert.True(Pdu.TryView(lab.Target.Last(IscsiOpcode.NopOut).Bhs, out NopOutPdu pdu));
        Assert.Equal((new TaskTag(0x1234 + 99), true, true), (pdu.TargetTransferTag, pdu.InitiatorTaskTag.IsReserved, pdu.Immediate));
    });

    [Fact]
    public void A_login_that_is_not_answered_is_tried_again_and_a_late_answer_is_nobodys() => Lab.Run(async lab =>
    {
        lab.Target.AnswersLogin = false;
        var login = lab.LoginAsync();
        await lab.Delay(14.9);
        Assert.Equal(1, lab.Device.Connects);
        var first = lab.Target.Last(IscsiOpcode.LoginRequest);
        ((FakeCompletionQueue)lab.Target.Pair.ReceiveCq).IsHeld = true;
        lab.Target.AnswerLogin(first); // in the queue, unseen, when the time is over
        lab.Target.AnswersLogin = true;
        await lab.Delay(0.2);
        foreach (var cq in lab.Device.Queues) cq.Release();
        var session = await login;
        Assert.Equal((1, 2), (session.Logins, lab.Device.Connects));
    });

    [Fact]
    public void An_unanswered_first_login_is_given_up_after_eight_timeouts() => Lab.Run(async lab =>
    {
        lab.Target.AnswersLogin = false;
        var error = await Assert.ThrowsAsync<LoginException>(async () => await lab.LoginAsync());
        Assert.Equal((LoginFailure.Timeout, 8, 120), (error.Reason, lab.Device.Connects, (int)(lab.Node.Now.Nanoseconds / 1_000_000_000)));
    });

    [Fact]
    public void A_device_that_goes_away_takes_its_connection_along() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var ended = new List<DiskCommand>();
        lab.Target.OnCommand = _ => lab.Target.Id!.Raise(CmEventType.DeviceRemoval);
        session.Submit(Lab.Read(new byte[512], ended));
        await lab.World.Until(() => ended.Count == 1, "the command to end");
        Assert.Equal(CommandOutcome.TransportDisrupted, ended[0].Outcome);
        Assert.Contains("DeviceRemoved", session.LastProblem);
    });

    [Fact]
    public void Two_who_log_out_at_once_both_get_there() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var (first, second) = (session.LogoutAsync(), session.LogoutAsync());
        await first;
        await second;
        Assert.Equal(1, lab.Target.Count(IscsiOpcode.LogoutRequest));
    });

    [Theory]
    [InlineData(LoginStatus.AuthenticationFailure, LoginFailure.Authorization, 1)]
    [InlineData(LoginStatus.AuthorizationFailure, LoginFailure.Authorization, 1)]
    [InlineData(LoginStatus.TargetNotFound, LoginFailure.Fatal, 1)]
    [InlineData(LoginStatus.UnsupportedVersion, LoginFailure.Fatal, 1)]
    [InlineData(LoginStatus.ServiceUnavailable, LoginFailure.Retriable, 40)]
    public void A_refused_login_is_given_up_or_tried_again_as_its_status_says(LoginStatus status, LoginFailure failure, int attempts) => Lab.Run(async lab =>
    {
        for (var i = 0; i < 100; i++) lab.Target.LoginStatuses.Enqueue(status);
        var error = await Assert.ThrowsAsync<LoginException>(async () => await lab.LoginAsync());
        Assert.Equal((failure, (ushort)status, attempts), (error.Reason, error.Status, lab.Device.Connects));
    });

    [Fact]
    public void Redirections_are_followed_for_once_or_for_good() => Lab.Run(async lab =>
    {
        var asked = new List<string>();
        lab.Target.RedirectTo = "10.9.0.99:3261,1";
        lab.Target.LoginStatuses.Enqueue(LoginStatus.TargetMovedTemporarily);
        var session = await lab.LoginAsync();
        Assert.Equal("10.9.0.99:3261", lab.Target.Id!.Remote.ToString());
        lab.Target.Disconnect();
        await lab.World.Until(() => session.Logins == 2, "the next login");
        Assert.Equal("10.9.0.11:3260", lab.Target.Id!.Remote.ToString());
        lab.Target.LoginStatuses.Enqueue(LoginStatus.TargetMovedPermanently);
        lab.Target.Disconnect();
        await lab.World.Until(() => session.Logins == 3, "the next login");
        lab.Target.Disconnect();
        await lab.World.Until(() => session.Logins == 4, "the next login");
        Assert.Equal("10.9.0.99:3261", lab.Target.Id!.Remote.ToString());
    });

    [Fact]
    public void A_target_without_rdma_extensions_is_refused() => Lab.Run(async lab =>
    {
        lab.Target.LoginAnswer = "TargetPortalGroupTag=1\0RDMAExtensions=No\0";
        var error = await Assert.ThrowsAsync<LoginException>(async () => await lab.LoginAsync());
        Assert.Equal(LoginFailure.Negotiation, error.Reason);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_target_that_asks_for_logout_gets_it_and_the_session_comes_back(bool withTasks) => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var ended = new List<DiskCommand>();
        lab.Target.OnCommand = _ => { };
        if (withTasks) for (var i = 0; i < 3; i++) session.Submit(Lab.Read(new byte[512], ended, retries: 5));
        await lab.Delay(0.1);
        lab.Target.Say(IscsiEvent.LogoutRequested, p3: 10);
        await lab.World.Until(() => session.Logins == 2, "the next login");
        Assert.Equal(1, lab.Target.Count(IscsiOpcode.LogoutRequest));
        lab.Target.OnCommand = request => lab.Target.Respond(request);
        await lab.Delay(60);
        if (withTasks) await lab.World.Until(() => ended.Count == 3, "all to end");
        Assert.All(ended, c => Assert.True(c.IsGood));
    });

    [Fact]
    public void A_drop_that_is_announced_says_when_to_come_back() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        lab.Target.Say(IscsiEvent.SessionWillDrop, p2: 17, p3: 20);
        await lab.Delay(1);
        Assert.Equal(SessionState.LoggedIn, session.State);
        lab.Target.Disconnect();
        await lab.Delay(16.9);
        Assert.Equal(1, session.Logins);
        await lab.Delay(0.2);
        Assert.Equal(2, session.Logins);
    });

    [Fact]
    public void A_hundred_events_at_once_are_no_trouble() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var events = 0;
        session.ScsiEvent += (_, _, _) => events++;
        for (var i = 0; i < 100; i++) lab.Target.Say(IscsiEvent.Vendor);
        await lab.Delay(1);
        Assert.True((await session.OpenDisk(0).ExecuteAsync(Cdb.TestUnitReady())).IsGood);
    });

    [Fact]
    public void Goodbyes_from_both_sides_at_once_make_one_disconnect() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var id = lab.Target.Id!;
        lab.Target.Disconnect();
        var logout = session.LogoutAsync();
        lab.Target.Disconnect();
        await logout;
        Assert.Equal(1, id.Disconnects);
    });

    [Fact]
    public void A_peer_that_never_answers_the_disconnect_is_left_after_a_while() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        lab.Target.Id!.IsPeerSilent = true;
        var before = lab.Device.Executor.Now;
        await session.LogoutAsync();
        Assert.Equal(session.Timeouts.Disconnect, lab.Device.Executor.Now - before);
    });

    [Fact]
    public void Markers_that_cannot_be_posted_do_not_hold_up_the_end() => Lab.Run(async lab =>
    {
        await lab.LoginAsync();
        lab.Device.RefusesMarkers = true;
    });

    [Fact]
    public void Logging_out_in_the_middle_of_a_login_ends_it() => Lab.Run(async lab =>
    {
        lab.Target.AnswersLogin = false;
        var login = lab.LoginAsync();
        await lab.Delay(1);
        await lab.Host.CloseAsync();
        Assert.Equal(LoginFailure.Closed, (await Assert.ThrowsAsync<LoginException>(async () => await login)).Reason);
    });

    [Fact]
    public void Closing_with_commands_under_way_ends_them_all() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync(new() { MaxCommands = 2 });
        lab.Target.OnCommand = _ => { };
        var ended = new List<DiskCommand>();
        for (var i = 0; i < 5; i++) session.Submit(Lab.Read(new byte[512], ended, retries: 5));
        await lab.Delay(0.1);
        await session.LogoutAsync();
        await lab.Delay(0.1);
        Assert.Equal(5, ended.Count);
        Assert.All(ended, c => Assert.Equal(CommandOutcome.TransportFailed, c.Outcome));
        session.Submit(Lab.Read(new byte[512], ended));
        await lab.Delay(0.1);
        Assert.Equal(6, ended.Count);
    });

    [Fact]
    public void Discovery_gives_up_after_five_attempts() => Lab.Run(async lab =>
    {
        for (var i = 0; i < 5; i++) lab.Device.ConnectOutcomes.Enqueue(CmEventType.Rejected);
        var error = await Assert.ThrowsAsync<LoginException>(async () => await lab.Host.DiscoverAsync(Lab.Portal));
        Assert.Equal((LoginFailure.Transport, 5), (error.Reason, lab.Device.Connects));
        for (var i = 0; i < 200; i++) Assert.Single(await lab.Host.DiscoverAsync(Lab.Portal));
        Assert.Equal(default, lab.Device.Resources);
    });
}
