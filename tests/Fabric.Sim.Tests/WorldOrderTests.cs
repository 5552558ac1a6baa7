namespace Weft.Fabric.Sim.Tests;

public sealed class WorldOrderTests
{
    private static Duration Ns(long value) => Duration.FromNanoseconds(value);

    [Fact]
    public void Events_run_in_order_of_time_and_then_of_posting()
    {
        var world = new World();
        var node = world.AddHost("h1");
        var order = new List<string>();
        var lanes = Enumerable.Range(0, 4).Select(i => node.CreateLane($"l{i}", ChoiceKind.Dispatch)).ToArray();
        lanes[3].Post(new Do(() => order.Add($"a@{node.Now.Nanoseconds}")), Ns(10));
        lanes[0].Post(new Do(() => order.Add($"b@{node.Now.Nanoseconds}")), Ns(10));
        lanes[1].Post(new Do(() => order.Add($"c@{node.Now.Nanoseconds}")), Ns(5));
        lanes[2].Post(new Do(() => order.Add($"d@{node.Now.Nanoseconds}")), Ns(10));
        Assert.True(world.RunUntilIdle().HasPassed);
        Assert.Equal(["c@5", "a@10", "b@10", "d@10"], order);
    }

    [Fact]
    public void A_lane_keeps_its_order_even_when_a_later_item_would_be_ready_before()
    {
        var world = new World();
        var node = world.AddHost("h1");
        var order = new List<string>();
        var lane = node.CreateLane("l", ChoiceKind.Dispatch);
        lane.Post(new Do(() => order.Add($"a@{node.Now.Nanoseconds}")), Ns(10));
        lane.Post(new Do(() => order.Add($"b@{node.Now.Nanoseconds}")));
        world.RunUntilIdle();
        Assert.Equal(["a@10", "b@10"], order);
    }

    [Fact]
    public void An_item_that_waits_in_a_lane_cannot_be_posted_again()
    {
        var world = new World();
        var lane = world.AddHost("h1").CreateLane("l", ChoiceKind.Dispatch);
        var item = new Do(() => { });
        lane.Post(item);
        Assert.Throws<InvalidOperationException>(() => lane.Post(item));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Timers_fire_once_at_their_last_deadline(bool exploring)
    {
        var world = new World(Options(exploring));
        var node = world.AddHost("h1");
        var fired = new List<string>();
        var later = Timer("later");
        var earlier = Timer("earlier");
        var cancelled = Timer("cancelled");
        var again = Timer("again");
        later.Arm(new(10));
        later.Arm(new(50));
        earlier.Arm(new(40));
        earlier.Arm(new(20));
        cancelled.Arm(new(30));
        again.Arm(new(5));
        again.Cancel();
        again.Arm(new(60));
        node.CreateLane("l", ChoiceKind.Dispatch).Post(new Do(cancelled.Cancel), Ns(15));
        Assert.Equal(4, node.ArmedTimers.Count());
        Assert.True(world.RunUntilIdle().HasPassed);
        Assert.Equal(["earlier@20", "later@50", "again@60"], fired);
        Assert.Empty(node.ArmedTimers);
        Assert.True(world.Quiescence().IsQuiet);
        Assert.Equal(new(60), world.Now);

        Execution.Timer Timer(string name) => node.CreateTimer(name, () => fired.Add($"{name}@{node.Now.Nanoseconds}"));
    }

    [Fact]
    public void A_deadline_in_the_past_fires_now()
    {
        var world = new World();
        var node = world.AddHost("h1");
        var fired = Instant.Never;
        var timer = node.CreateTimer("t", () => fired = node.Now);
        node.CreateLane("l", ChoiceKind.Dispatch).Post(new Do(() => timer.Arm(new(3))), Ns(7));
        world.RunUntilIdle();
        Assert.Equal(new(7), fired);
    }

    private static WorldOptions Options(bool exploring) =>
        new() { Order = exploring ? OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery), Ns(1)) : OrderOptions.Natural };

    [Fact]
    public void What_is_due_within_the_window_of_the_first_is_an_alternative_and_nothing_else_is()
    {
        var chooser = new Script([1, 1]);
        var world = new World(new() { Chooser = chooser, Order = OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch), Ns(10)) });
        var node = world.AddHost("h1");
        var order = new List<string>();
        foreach (var (name, at) in new[] { ("a", 0), ("b", 10), ("c", 11), ("d", 30) })
            node.CreateLane(name, ChoiceKind.Dispatch).Post(new Do(() => order.Add($"{name}@{node.Now.Nanoseconds}")), Ns(at));
        world.RunUntilIdle();
        // First a or b (c is due after a's latest time, 10). With b gone, a is the only one; then c, alone too: d is due after 21.
        Assert.Equal(["2 h1 Dispatch"], chooser.Asked);
        Assert.Equal(["b@10", "a@10", "c@11", "d@30"], order);
    }

    [Fact]
    public void A_node_that_runs_an_earlier_event_late_never_sees_its_clock_go_back()
    {
        var chooser = new Script([2, 0]);
        var world = new World(new() { Chooser = chooser, Order = OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch), Ns(100)) });
        var one = world.AddHost("h1");
        var two = world.AddHost("h2");
        var order = new List<string>();
        one.CreateLane("a", ChoiceKind.Dispatch).Post(new Do(() => order.Add($"a@{one.Now.Nanoseconds}")), Ns(10));
        two.CreateLane("b", ChoiceKind.Dispatch).Post(new Do(() => order.Add($"b@{two.Now.Nanoseconds}")), Ns(20));
        one.CreateLane("c", ChoiceKind.Dispatch).Post(new Do(() => order.Add($"c@{one.Now.Nanoseconds}")), Ns(30));
        world.RunUntilIdle();
        // c ran first on h1, so a comes late there; h2 is still at its own time.
        Assert.Equal(["c@30", "a@30", "b@20"], order);
        Assert.Equal(new(30), world.Now);
    }

    [Fact]
    public void Ties_of_an_open_kind_are_choices_and_those_of_closed_kinds_are_not()
    {
        var chooser = new Script([1]);
        var world = new World(new() { Chooser = chooser, Order = new() { Open = ChoiceKinds.Of(ChoiceKind.Dispatch) } });
        var node = world.AddHost("h1");
        var order = new List<string>();
        foreach (var name in new[] { "x", "y" })
            node.CreateLane(name, ChoiceKind.BackEnd).Post(new Do(() => order.Add(name)), Ns(5));
        foreach (var name in new[] { "a", "b" })
            node.CreateLane(name, ChoiceKind.Dispatch).Post(new Do(() => order.Add(name)), Ns(5));
        world.RunUntilIdle();
        // Alternatives of the first choice: x, a, b (y keeps behind x). a was chosen; then all zeros.
        Assert.Equal(["a", "x", "y", "b"], order);
        Assert.Equal(["3 h1 Dispatch", "2 h1 Dispatch", "2 h1 Dispatch"], chooser.Asked);
    }

    [Fact]
    public void What_an_event_causes_inherits_its_latest_time_so_that_no_turn_is_taken_away()
    {
        var chooser = new Script([0, 1]);
        var world = new World(new() { Chooser = chooser, Order = OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch), Ns(10)) });
        var one = world.AddHost("h1");
        var two = world.AddHost("h2");
        var order = new List<string>();
        var timer = one.CreateTimer("t", () => order.Add("timer"));
        one.CreateLane("a", ChoiceKind.Dispatch).Post(new Do(() => { order.Add("a"); timer.Arm(one.Now + Ns(2)); }));
        two.CreateLane("b", ChoiceKind.Dispatch).Post(new Do(() => order.Add("b")), Ns(8));
        world.RunUntilIdle();
        // a could have run as late as 10, so its timer may be as late as that too, and b (due at 8) may still come before it.
        Assert.Equal(["a", "b", "timer"], order);
    }

    [Fact]
    public void A_closed_kind_with_a_window_follows_the_seed()
    {
        var orders = Enumerable.Range(1, 40).Select(seed => Run((ulong)seed)).ToList();
        Assert.Equal(orders, Enumerable.Range(1, 40).Select(seed => Run((ulong)seed)));
        Assert.Equal(2, orders.Distinct().Count());

        static string Run(ulong seed)
        {
            var world = new World(new() { Seed = seed, Order = new() { TimerWindow = Ns(10) } });
            var node = world.AddHost("h1");
            var order = "";
            node.CreateTimer("a", () => order += "a").Arm(new(5));
            node.CreateTimer("b", () => order += "b").Arm(new(6));
            world.RunUntilIdle();
            return order;
        }
    }

    [Fact]
    public void A_lane_that_is_given_back_is_used_again_and_one_with_items_cannot_be()
    {
        var world = new World();
        var node = world.AddHost("h1");
        var lane = node.CreateLane("one", ChoiceKind.Dispatch);
        lane.Post(new Do(() => { }));
        Assert.Throws<InvalidOperationException>(() => node.ReleaseLane(lane));
        world.RunUntilIdle();
        node.ReleaseLane(lane);
        var again = node.CreateLane("two", ChoiceKind.BackEnd);
        Assert.Same(lane, again);
        Assert.Equal(("two", ChoiceKind.BackEnd), (again.Name, again.Kind));
    }

    [Fact]
    public void A_killed_node_does_nothing_more_and_a_restarted_one_starts_clean()
    {
        var world = new World();
        var node = world.AddHost("h1");
        var log = new List<string>();
        var lane = node.CreateLane("l", ChoiceKind.Dispatch);
        var old = node.CreateTimer("t", () => log.Add("old timer"));
        node.OnKilled = () => log.Add("killed");
        node.OnRestarted = () => node.CreateTimer("t2", () => log.Add($"new timer@{node.Now.Nanoseconds}")).Arm(node.Now + Ns(5));
        world.Faults.At(new(10), "kill", () => node.Kill());
        world.Faults.At(new(20), "restart", node.Restart);
        lane.Post(new Do(() => log.Add("item")), Ns(15));
        old.Arm(new(12));
        Assert.True(world.RunUntilIdle().HasPassed);
        lane.Post(new Do(() => log.Add("dead lane")));
        old.Arm(new(100));
        Assert.True(world.RunUntilIdle().HasPassed);
        Assert.Equal(["killed", "new timer@25"], log);
        Assert.Equal(["kill", "restart"], world.Faults.Done);
    }

    [Fact]
    public void The_report_at_the_end_names_what_is_left()
    {
        var world = new World();
        var one = world.AddHost("h1");
        var link = world.Connect(one, world.AddHost("h2"));
        var inbox = new Inbox(link.A);
        inbox.Send(1);
        one.CreateLane("cq 3", ChoiceKind.Dispatch).Post(new Do(() => { }));
        one.CreateTimer("retry", () => { }).Arm(new(1000));
        var report = world.Quiescence();
        Assert.False(report.IsQuiet);
        Assert.Equal((1, 1), (report.FramesOutstanding, report.FramesInFlight));
        Assert.Equal("1 frames outstanding, 1 of them in flight; lanes: h1/cq 3 (1); armed timers: h1/retry (+0.000001000 s)", report.ToString());
    }
}
