using Weft.Fabric.Connections;
using Weft.Target.Iser;

namespace Weft.Races.Tests.ConnectionSetup;

/// <summary>
/// Races while a connection comes up. The number beside each strategy is the most schedules that it may need to find the bug.
/// </summary>
public class ConnectionSetupTests
{
    private static Mutant With(Func<IserPortal, ICmId, IserConnection> connection) => new() { Connection = connection };

    [Theory]
    [InlineData("exhaustive", 10)]
    [InlineData("pct:3", 6)]
    [InlineData("random", 6)]
    public void An_early_login_that_is_forgotten_is_found(string strategy, int within) =>
        Race.IsFound("login-before-established", With((p, id) => new ForgetsEarlyLogin(p, id)), strategy, within, ["one-response"]);

    [Theory]
    [InlineData("exhaustive", 10)]
    [InlineData("random", 7)]
    public void An_early_login_that_is_answered_twice_is_found(string strategy, int within) =>
        Race.IsFound("login-before-established", With((p, id) => new AnswersEarlyLoginTwice(p, id)), strategy, within, ["login-once", "one-response"]);

    [Fact]
    public void No_order_loses_an_early_login() => Race.IsNotThere("login-before-established", "exhaustive", 500, exhausts: true);

    [Fact]
    public void A_target_that_ignores_communication_established_is_found_with_the_first_schedule() =>
        Race.IsFound("rtu-lost-comm-est", With((p, id) => new IgnoresCommunicationEstablished(p, id)), "exhaustive", 1, ["comm-est"]);

    [Fact]
    public void A_manager_that_is_not_told_is_found_with_the_first_schedule() =>
        Race.IsFound("rtu-lost-comm-est", With((p, id) => new GoesLiveWithoutTheManager(p, id)), "exhaustive", 1, ["comm-est-lasts"]);

    [Fact]
    public void A_lost_or_late_RTU_does_no_harm() => Race.IsNotThere("rtu-lost-comm-est", "exhaustive", 100, exhausts: true);

    [Fact]
    public void Freeing_after_a_failed_accept_without_draining_is_found_with_the_first_schedule() =>
        Race.IsFound("accept-fails", With((p, id) => new FreesFailedAcceptAtOnce(p, id)), "exhaustive", 1, []);

    [Fact]
    public void A_failed_accept_that_nobody_cleans_up_is_found_with_the_first_schedule() =>
        Race.IsFound("accept-fails", With((p, id) => new LeavesFailedAcceptToTheFlush(p, id)), "exhaustive", 1, ["freed-once", "accept-closed", "login-slots"]);

    [Theory]
    [InlineData("exhaustive", 2)]
    [InlineData("random", 2)]
    public void A_flush_that_closes_what_is_being_freed_is_found(string strategy, int within) =>
        Race.IsFound("accept-fails", With((p, id) => new ClosesOnceMore(p, id)), strategy, within, ["accept-closed", ""]);

    [Fact]
    public void A_failed_accept_is_cleaned_up_once() => Race.IsNotThere("accept-fails", "exhaustive", 100, exhausts: true);

    [Theory]
    [InlineData("exhaustive", 5)]
    [InlineData("pct:3", 40)]
    [InlineData("random", 9)]
    public void An_established_event_that_revives_a_connection_is_found(string strategy, int within) =>
        Race.IsFound("established-during-teardown", With((p, id) => new TakesReferenceWhenEstablished(p, id)), strategy, within, ["freed-once"]);

    [Theory]
    [InlineData("exhaustive", 1000)]
    [InlineData("pct:3", 300)]
    public void An_established_event_during_teardown_is_ignored(string strategy, int schedules) =>
        Race.IsNotThere("established-during-teardown", strategy, schedules, exhausts: false);

    [Fact]
    public void Every_order_of_ties_between_teardown_and_established_is_harmless() =>
        Race.IsNotThere("established-during-teardown", "exhaustive", 500, exhausts: true, "window=0");

    [Theory]
    [InlineData("exhaustive", 40)]
    [InlineData("random", 10)]
    public void A_target_that_ignores_an_unreachable_peer_is_found(string strategy, int within) =>
        Race.IsFound("unreachable-instead-of-established", With((p, id) => new IgnoresUnreachable(p, id)), strategy, within, ["freed-in-time"]);

    [Theory]
    [InlineData("exhaustive", 40)]
    [InlineData("random", 10)]
    public void A_slot_that_is_given_back_twice_is_found(string strategy, int within) =>
        Race.IsFound("unreachable-instead-of-established", With((p, id) => new ReturnsSlotTwice(p, id)), strategy, within, ["login-slots"]);

    [Fact]
    public void A_slot_that_is_never_given_back_is_found_with_the_first_schedule() =>
        Race.IsFound("unreachable-instead-of-established", With((p, id) => new KeepsSlotOfFailedLogin(p, id)), "exhaustive", 1, ["login-slots"]);

    [Fact]
    public void An_unreachable_peer_is_given_up_once() => Race.IsNotThere("unreachable-instead-of-established", "random", 300, exhausts: false);

    [Fact]
    public void A_target_without_a_limit_for_logins_is_found_with_the_first_schedule() =>
        Race.IsFound("login-flood", new Mutant { Host = (e, l) => new HasNoLimit(e, l) }, "random", 1, ["login-slots"], "connects=4", "slots=2");

    [Fact]
    public void One_login_too_many_is_found_with_the_first_schedule() =>
        Race.IsFound("login-flood", new Mutant { Host = (e, l) => new TakesOneTooMany(e, l) }, "random", 1, ["login-slots"], "connects=4", "slots=2");

    [Fact]
    public void A_request_that_is_neither_taken_nor_turned_away_is_found_with_the_first_schedule() =>
        Race.IsFound("login-flood", new Mutant { Portal = (h, d, e) => new ForgetsRequestsBeyondItsSlots(h, d, e) }, "random", 1, ["told"], "connects=4", "slots=2");

    [Fact]
    public void A_flood_of_a_few_logins_comes_in() => Race.IsNotThere("login-flood", "random", 30, exhausts: false, "connects=5", "slots=2");

    [Fact]
    public void A_flood_of_two_hundred_logins_comes_in() => Race.IsNotThere("login-flood", "random", 2, exhausts: false);

    [Fact]
    public void A_number_that_is_accepted_in_TIMEWAIT_is_found_with_the_first_schedule() =>
        Race.IsFound("stale-connection-reject", new Mutant { Manager = (h, p, m) => new ForgetsInTimeWait(h, p, m) }, "exhaustive", 1, ["time-wait"]);

    [Fact]
    public void A_stale_connection_that_stays_is_found_with_the_first_schedule() =>
        Race.IsFound("stale-connection-reject", new Mutant { Manager = (h, p, m) => new KeepsStaleConnection(h, p, m) }, "exhaustive", 1, ["after-time-wait"]);

    [Fact]
    public void A_stale_connection_is_rejected_until_its_TIMEWAIT_ends() => Race.IsNotThere("stale-connection-reject", "pct:3", 200, exhausts: false);

    [Theory]
    [InlineData("exhaustive", 2)]
    [InlineData("random", 2)]
    public void A_number_that_is_given_out_again_in_TIMEWAIT_is_found(string strategy, int within) =>
        Race.IsFound("qpn-reuse-in-timewait", new Mutant { Manager = (h, p, m) => new(h, p, m, new FreesNumbersAtOnce()) }, strategy, within, ["stale", "qpn-reuse"]);

    [Fact]
    public void No_order_gives_a_number_out_in_TIMEWAIT() => Race.IsNotThere("qpn-reuse-in-timewait", "exhaustive", 100, exhausts: true);
}
