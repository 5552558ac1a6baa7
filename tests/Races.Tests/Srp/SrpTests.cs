using Weft.Fabric.Connections;
using Weft.Protocol.Srp;
using Weft.Target.Srp;

namespace Weft.Races.Tests.Srp;

/// <summary>Races of SRP. The number beside each strategy is the most schedules that it may need to find the bug.</summary>
public class SrpTests
{
    private static Mutant With(Func<SrpPort, ICmId, SrpLoginRequest, string, SrpChannel> channel) => new() { SrpChannel = channel };

    [Theory]
    [InlineData("random", 50)]
    [InlineData("pct:3", 50)]
    public void A_command_that_is_answered_before_the_channel_is_live_is_found(string strategy, int within) =>
        Race.IsFound("srp-command-before-rtu", With((p, i, l, n) => new HandlesBeforeLive(p, i, l, n)), strategy, within, ["none-before-live"]);

    [Fact]
    public void Early_commands_wait() => Race.IsNotThere("srp-command-before-rtu", "random", 100, exhausts: false);

    [Theory]
    [InlineData("random", 200)]
    public void A_command_that_overtakes_waiting_ones_is_found(string strategy, int within) =>
        Race.IsFound("srp-wait-list-keeps-order", With((p, i, l, n) => new LetsOthersOvertake(p, i, l, n)), strategy, within, ["arrival-order"]);

    [Fact]
    public void Arrival_is_the_order() => Race.IsNotThere("srp-wait-list-keeps-order", "random", 100, exhausts: false);

    [Theory]
    [InlineData("random", 100)]
    public void A_login_that_finds_half_a_target_is_found(string strategy, int within) =>
        Race.IsFound("srp-login-during-target-init", new Mutant { SrpPort = (t, d) => new TakesAllLogins(t, d) }, strategy, within, ["whole-target"]);

    [Fact]
    public void A_target_is_there_whole_or_not_at_all() => Race.IsNotThere("srp-login-during-target-init", "random", 100, exhausts: false);

    [Theory]
    [InlineData("random", 100)]
    public void A_login_to_a_target_that_is_going_is_found(string strategy, int within) =>
        Race.IsFound("srp-login-during-target-removal", new Mutant { SrpPort = (t, d) => new ListensToTheLast(t, d) }, strategy, within, ["closed", "removed", "nothing-left", "quiescence", "leak"]);

    [Fact]
    public void A_target_that_is_going_takes_no_login() => Race.IsNotThere("srp-login-during-target-removal", "random", 100, exhausts: false);

    [Theory]
    [InlineData("random", 50)]
    public void A_disabled_target_that_takes_a_login_is_found(string strategy, int within) =>
        Race.IsFound("srp-disable-vs-relogin", new Mutant { SrpPort = (t, d) => new TakesAllLogins(t, d) }, strategy, within, ["nothing-live"]);

    [Fact]
    public void A_disabled_target_has_no_channel() => Race.IsNotThere("srp-disable-vs-relogin", "random", 60, exhausts: false);

    [Theory]
    [InlineData("random", 10)]
    public void A_failed_accept_that_is_cleaned_up_twice_is_found(string strategy, int within) =>
        Race.IsFound("srp-accept-fails", With((p, i, l, n) => new ClosesForEachReason(p, i, l, n)), strategy, within, ["closed-once"]);

    [Fact]
    public void A_failed_accept_leaves_nothing() => Race.IsNotThere("srp-accept-fails", "random", 60, exhausts: false, "failures=2");

    [Theory]
    [InlineData("random", 50)]
    public void Completions_that_are_dropped_for_the_last_event_are_found(string strategy, int within) =>
        Race.IsFound("srp-timewait-exit-before-poll", With((p, i, l, n) => new TrustsTheLastEvent(p, i, l, n)), strategy, within, []);

    [Fact]
    public void Completions_outlive_the_last_event() => Race.IsNotThere("srp-timewait-exit-before-poll", "random", 60, exhausts: false);

    [Theory]
    [InlineData("random", 50)]
    public void A_channel_that_goes_before_its_last_buffer_is_found(string strategy, int within) =>
        Race.IsFound("srp-last-wqe-before-reset", With((p, i, l, n) => new TrustsTheSendMarker(p, i, l, n)), strategy, within, []);

    [Fact]
    public void The_last_buffer_comes_back_first() => Race.IsNotThere("srp-last-wqe-before-reset", "random", 60, exhausts: false);

    [Theory]
    [InlineData("random", 50)]
    public void A_queue_pair_that_is_freed_in_use_is_found(string strategy, int within) =>
        Race.IsFound("srp-logout-qp-use-after-free", With((p, i, l, n) => new FreesBeforeTheDrain(p, i, l, n)), strategy, within, []);

    [Fact]
    public void A_logout_under_load_frees_once() => Race.IsNotThere("srp-logout-qp-use-after-free", "random", 60, exhausts: false);

    [Theory]
    [InlineData("random", 10)]
    public void A_target_that_waits_for_a_vanished_peer_is_found(string strategy, int within) =>
        Race.IsFound("srp-cable-pull-then-unload", With((p, i, l, n) => new WaitsForThePeer(p, i, l, n)), strategy, within, ["stops-at-once"]);

    [Fact]
    public void A_target_stops_without_its_peers() => Race.IsNotThere("srp-cable-pull-then-unload", "random", 60, exhausts: false);

    [Theory]
    [InlineData("random", 20)]
    public void Part_of_a_transfer_that_is_handed_on_is_found(string strategy, int within) =>
        Race.IsFound("srp-cable-pull-partial-rdma", With((p, i, l, n) => new HandsPartsOn(p, i, l, n)), strategy, within, ["nothing-handed-on"]);

    [Fact]
    public void A_part_is_nothing() => Race.IsNotThere("srp-cable-pull-partial-rdma", "random", 60, exhausts: false);

    [Fact]
    public void A_timer_that_is_shorter_than_the_retries_is_found() => Race.IsFound(
        "srp-completion-later-than-timer", new Mutant { SrpOptions = o => o with { CompletionTimeout = Duration.FromSeconds(10) } }, "random", 5, ["completion-first"]);

    [Fact]
    public void The_completion_is_first() => Race.IsNotThere("srp-completion-later-than-timer", "random", 20, exhausts: false);

    [Theory]
    [InlineData("1")]
    [InlineData("0")]
    public void A_shared_queue_makes_initiators_wait_and_own_queues_do_not(string srq) => Race.IsNotThere("srp-srq-exhaustion", "random", 20, exhausts: false, $"srq={srq}");

    [Theory]
    [InlineData("exhaustive", 10)]
    public void A_request_without_a_context_is_found(string strategy, int within) =>
        Race.IsFound("srp-credit-before-send-completion", With((p, i, l, n) => new NeedsNoContext(p, i, l, n)), strategy, within, []);

    [Fact]
    public void A_request_waits_for_its_context() => Race.IsNotThere("srp-credit-before-send-completion", "exhaustive", 20, exhausts: true);

    [Theory]
    [InlineData("random", 5)]
    public void A_word_for_each_flush_is_found(string strategy, int within) =>
        Race.IsFound("srp-relogin-flush-storm", With((p, i, l, n) => new TellsEachFlush(p, i, l, n)), strategy, within, ["one-word", "closed-once"]);

    [Theory]
    [InlineData("random", 20)]
    public void An_old_write_behind_a_new_one_is_found(string strategy, int within) =>
        Race.IsFound("srp-relogin-flush-storm", With((p, i, l, n) => new ForgetsItsPredecessor(p, i, l, n)), strategy, within, ["old-is-over"]);

    [Fact]
    public void A_relogin_is_quiet_and_in_order() => Race.IsNotThere("srp-relogin-flush-storm", "random", 60, exhausts: false);

    [Theory]
    [InlineData("random", 60)]
    public void An_abort_that_is_answered_too_early_is_found(string strategy, int within) =>
        Race.IsFound("srp-abort-vs-completion", With((p, i, l, n) => new AnswersAbortTooEarly(p, i, l, n)), strategy, within, ["", "memory-returned", "stale-data", "one-outcome"], "write=1");

    [Theory]
    [InlineData("write=0")]
    [InlineData("write=1")]
    public void An_aborted_command_has_one_outcome(string write) => Race.IsNotThere("srp-abort-vs-completion", "exhaustive", 2000, exhausts: true, write);

    [Fact]
    public void A_context_that_is_free_before_its_last_completion_is_found() =>
        Race.IsFound("srp-basic", With((p, i, l, n) => new EndsWithTheFirstHalf(p, i, l, n)), "random", 4, [], "commands=30");

    [Fact]
    public void A_path_that_never_fails_fast_is_found() =>
        Race.IsFound("path-failover", new Mutant { Initiator = (d, n) => new NeverFailsFast(d, n) }, "random", 1, ["goes-on", "in-time"]);

    [Theory]
    [InlineData("fabric=roce")]
    [InlineData("fabric=roce", "targetports=1")]
    [InlineData("fabric=ib")]
    public void The_other_path_takes_over(params string[] set) => Race.IsNotThere("path-failover", "random", 3, exhausts: false, set);

    [Theory]
    [InlineData("srq=0")]
    [InlineData("srq=1")]
    [InlineData("entries=1")]
    public void Mixed_load_keeps_its_data(string set) => Race.IsNotThere("srp-basic", "random", 4, exhausts: false, set, "commands=30");
}
