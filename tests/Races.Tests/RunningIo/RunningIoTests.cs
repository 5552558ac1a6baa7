using Weft.Fabric.Connections;
using Weft.Initiator;
using Weft.Initiator.Iscsi;
using Weft.Target.Iser;

namespace Weft.Races.Tests.RunningIo;

/// <summary>
/// Races of running I/O and of its end. The number beside each strategy is the most schedules that it may need to find the bug.
/// </summary>
public class RunningIoTests
{
    private static Mutant With(Func<IserPortal, ICmId, IserConnection> connection) => new() { Connection = connection };

    private static Mutant With(Func<InitiatorHost, IConnectionOwner, ConnectionSettings, IscsiConnection> connection) =>
        new() { Initiator = (device, name) => new MutantInitiator(device, name, connection) };

    [Theory]
    [InlineData("exhaustive", 50)]
    [InlineData("random", 50)]
    public void A_read_that_is_freed_with_its_first_half_is_found(string strategy, int within) =>
        Race.IsFound("disconnect-live-read", With((p, id) => new FreesWithTheFirstHalf(p, id)), strategy, within, []);

    [Fact]
    public void A_live_read_is_freed_after_both_its_halves() => Race.IsNotThere("disconnect-live-read", "random", 60, exhausts: false);

    [Theory]
    [InlineData("exhaustive", 50)]
    [InlineData("random", 50)]
    public void A_drain_that_counts_for_both_queues_is_found(string strategy, int within) =>
        Race.IsFound("drain-not-last", With((p, id) => new TrustsTheSendDrain(p, id)), strategy, within, []);

    [Fact]
    public void Either_queue_may_drain_last() => Race.IsNotThere("drain-not-last", "exhaustive", 1000, exhausts: true);

    [Theory]
    [InlineData("exhaustive", 300)]
    [InlineData("random", 50)]
    public void A_response_behind_the_drain_is_found(string strategy, int within) =>
        Race.IsFound("post-after-drain", With((p, id) => new PostsBehindTheDrain(p, id)), strategy, within, []);

    [Fact]
    public void A_late_response_is_dropped() => Race.IsNotThere("post-after-drain", "random", 60, exhausts: false);

    [Theory]
    [InlineData("exhaustive", 10)]
    [InlineData("random", 10)]
    public void A_crossing_DREQ_without_an_answer_is_found(string strategy, int within) =>
        Race.IsFound("dreq-while-closing", new Mutant { Manager = (h, p, m) => new IgnoresCrossingDreq(h, p, m) }, strategy, within, ["drep-for-each-dreq", "no-timer"]);

    [Fact]
    public void Each_DREQ_is_answered() => Race.IsNotThere("dreq-while-closing", "exhaustive", 1000, exhausts: true);

    [Theory]
    [InlineData("exhaustive", 10)]
    [InlineData("random", 10)]
    public void A_second_farewell_is_found(string strategy, int within) =>
        Race.IsFound("double-disconnect", With((p, id) => new ClosesForEachReason(p, id)), strategy, within, ["one-farewell", ""]);

    [Fact]
    public void Three_reasons_make_one_farewell() => Race.IsNotThere("double-disconnect", "random", 60, exhausts: false);

    [Theory]
    [InlineData("exhaustive", 50)]
    [InlineData("random", 50)]
    public void An_abort_that_is_answered_too_early_is_found(string strategy, int within) =>
        Race.IsFound("abort-vs-completion", With((p, id) => new AnswersAbortTooEarly(p, id)), strategy, within, ["", "memory-returned", "stale-data", "one-outcome"], "write=1");

    [Theory]
    [InlineData("write=0")]
    [InlineData("write=1")]
    public void An_aborted_command_has_one_outcome(string write) => Race.IsNotThere("abort-vs-completion", "exhaustive", 1000, exhausts: true, write);

    [Fact]
    public void A_target_that_never_pings_is_found_with_the_second_schedule() =>
        Race.IsFound("stale-connection-no-nop", With((p, id) => new NeverPings(p, id)), "exhaustive", 2, ["removed"]);

    [Fact]
    public void A_vanished_initiator_is_found_out_by_pings_alone() => Race.IsNotThere("stale-connection-no-nop", "exhaustive", 100, exhausts: true);

    [Theory]
    [InlineData("exhaustive", 10)]
    [InlineData("random", 10)]
    public void A_ping_without_room_for_it_is_found(string strategy, int within) =>
        Race.IsFound("nop-pool-empty", With((p, id) => new PingsWithoutRoom(p, id)), strategy, within, ["stat-sn", "stays"]);

    [Fact]
    public void A_ping_whose_buffer_is_lost_is_found_with_the_first_schedule() =>
        Race.IsFound("nop-pool-empty", With((p, id) => new LosesThePingBuffer(p, id)), "exhaustive", 1, ["pings-go-on"]);

    [Fact]
    public void A_ping_waits_for_room() => Race.IsNotThere("nop-pool-empty", "exhaustive", 100, exhausts: true);

    [Fact]
    public void Pings_go_on_for_long() => Race.IsNotThere("nop-pool-empty", "random", 1, exhausts: false, "rounds=200");

    [Theory]
    [InlineData("exhaustive", 50)]
    [InlineData("random", 50)]
    public void A_connection_that_is_given_back_with_commands_in_the_back_end_is_found(string strategy, int within) =>
        Race.IsFound("nop-timeout-with-io", With((p, id) => new ForgetsHeldCommands(p, id)), strategy, within, ["freed-with-io"]);

    [Theory]
    [InlineData("exhaustive", 50)]
    [InlineData("random", 50)]
    public void A_connection_that_closes_again_is_found(string strategy, int within) =>
        Race.IsFound("nop-timeout-with-io", With((p, id) => new ClosesForEachReason(p, id)), strategy, within, ["closed-once", "reason", ""]);

    [Theory]
    [InlineData("pct:3")]
    [InlineData("random")]
    public void A_ping_without_an_answer_closes_once(string strategy) => Race.IsNotThere("nop-timeout-with-io", strategy, 60, exhausts: false);

    [Theory]
    [InlineData("exhaustive", 50)]
    [InlineData("random", 50)]
    public void A_completion_between_poll_and_arm_that_is_left_is_found(string strategy, int within) =>
        Race.IsFound("cq-left-overs", With((p, id) => new ArmsLast(p, id)), strategy, within, ["left-over", "deadlock", ""]);

    [Theory]
    [InlineData("exhaustive", 50)]
    [InlineData("random", 50)]
    public void One_completion_for_each_event_is_found(string strategy, int within) =>
        Race.IsFound("cq-left-overs", With((p, id) => new TakesOneForEachEvent(p, id)), strategy, within, ["left-over", "deadlock", ""]);

    [Fact]
    public void No_completion_is_left_over() => Race.IsNotThere("cq-left-overs", "random", 100, exhausts: false);

    [Fact]
    public void A_window_taken_for_a_free_context_is_found() =>
        Race.IsFound("credit-before-send-completion", With((p, id) => new CountsOnAFreeContext(p, id)), "exhaustive", 5, []);

    [Fact]
    public void Commands_wait_for_a_free_context() => Race.IsNotThere("credit-before-send-completion", "exhaustive", 10, exhausts: true);

    [Fact]
    public void Data_in_the_wrong_place_are_found_with_the_first_schedule() =>
        Race.IsFound("iser-mixed", With((h, o, s) => new OffersTheStart(h, o, s)), "random", 1, ["data"], "sessions=1", "commands=40");

    [Fact]
    public void Mixed_load_keeps_its_data() => Race.IsNotThere("iser-mixed", "random", 3, exhausts: false, "sessions=2", "commands=40");

    [Fact]
    public void Buffers_of_commands_that_were_cut_off_are_missed() =>
        Race.IsFound("relogin-under-io", With((p, id) => new KeepsBuffersOfTheDead(p, id)), "exhaustive", 5, [], "commands=40");

    [Theory]
    [InlineData("")]
    [InlineData("loss=20000")]
    public void A_lost_connection_loses_no_data(string setting) =>
        Race.IsNotThere("relogin-under-io", "random", 8, exhausts: false, setting.Length > 0 ? [setting] : []);

    [Theory]
    [InlineData("pct:3", 10)]
    [InlineData("random", 10)]
    public void Commands_beyond_a_window_that_shrank_are_found(string strategy, int within) =>
        Race.IsFound("window-overrun", With((h, o, s) => new IgnoresTheWindow(h, o, s)), strategy, within, ["cmd-window"]);

    [Theory]
    [InlineData("random")]
    [InlineData("pct:3")]
    public void What_does_not_fit_a_window_that_shrank_waits(string strategy) => Race.IsNotThere("window-overrun", strategy, 60, exhausts: false);

    [Theory]
    [InlineData("exhaustive", 12)]
    [InlineData("random", 20)]
    public void A_target_that_asks_once_for_its_queue_pair_is_found(string strategy, int within) =>
        Race.IsFound("qp-create-nomem", With((p, id) => new AsksOnce(p, id)), strategy, within, ["asks-for-less"]);

    [Fact]
    public void A_smaller_queue_pair_does() => Race.IsNotThere("qp-create-nomem", "exhaustive", 20, exhausts: true);

    [Theory]
    [InlineData("pct:3", 20)]
    [InlineData("random", 20)]
    public void Buffers_that_go_with_a_dead_network_are_found(string strategy, int within) =>
        Race.IsFound("drop-all-30s", With((p, id) => new KeepsBuffersOfTheDead(p, id)), strategy, within, ["grows"]);

    [Fact]
    public void A_network_that_comes_and_goes_costs_nothing() => Race.IsNotThere("drop-all-30s", "random", 40, exhausts: false);

    [Fact]
    public void It_may_come_and_go_for_long() => Race.IsNotThere("drop-all-30s", "random", 1, exhausts: false, "rounds=50");

    [Theory]
    [InlineData("exhaustive", 50)]
    [InlineData("random", 50)]
    public void A_session_that_is_ended_twice_is_found(string strategy, int within) =>
        Race.IsFound("reinstatement-double-close", With((p, id) => new ClosesForEachReason(p, id)), strategy, within, ["closed-once", ""]);

    [Fact]
    public void A_session_is_taken_over_once() => Race.IsNotThere("reinstatement-double-close", "random", 200, exhausts: false);

    [Theory]
    [InlineData("exhaustive", 20)]
    [InlineData("random", 20)]
    public void Commands_refused_in_the_middle_of_a_reconnect_are_found(string strategy, int within) =>
        Race.IsFound("send-while-reconnecting", new Mutant { Initiator = (device, name) => new ImpatientInitiator(device, name) }, strategy, within, ["answered"]);

    [Fact]
    public void Commands_wait_for_the_next_connection() => Race.IsNotThere("send-while-reconnecting", "random", 200, exhausts: false);

    [Theory]
    [InlineData("pct:3", 50)]
    [InlineData("random", 50)]
    public void A_wait_for_a_marker_that_was_not_posted_is_found(string strategy, int within) =>
        Race.IsFound("beacon-post-fails", With((h, o, s) => new WaitsForTheMarker(h, o, s)), strategy, within, ["deadlock", "given-back", "time-limit", ""]);

    [Fact]
    public void An_end_needs_no_marker() => Race.IsNotThere("beacon-post-fails", "random", 200, exhausts: false);

    [Theory]
    [InlineData("pct:3", 100)]
    [InlineData("random", 100)]
    public void A_reset_that_is_answered_too_early_is_found(string strategy, int within) =>
        Race.IsFound("reset-under-io", With((p, id) => new AnswersAbortTooEarly(p, id)), strategy, within, ["", "data", "stale-data", "memory-returned"]);

    [Fact]
    public void Resets_lose_nothing() => Race.IsNotThere("reset-under-io", "random", 100, exhausts: false);
}
