using Weft.Fabric.Sim.Explore;

namespace Weft.Fabric.Sim.Tests.Explore;

public sealed class ExhaustiveStrategyTests
{
    private static Duration Ns(long value) => Duration.FromNanoseconds(value);

    // lanes[i] is the node on which lane i runs its events.
    private static (ExhaustiveStrategy Strategy, HashSet<string> Outcomes) Lanes(Reduction reduction, int[] lanes, int events)
    {
        var outcomes = new HashSet<string>();
        var strategy = new ExhaustiveStrategy(reduction) { CountsOrders = true };
        var report = new Explorer(run =>
        {
            var world = new World(
                new() { Seed = run.Seed, Chooser = run.Chooser, Order = OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch), Ns(1000)) }, run.Resources);
            var nodes = Enumerable.Range(0, lanes.Max() + 1).Select(i => world.AddHost($"h{i}")).ToArray();
            var logs = nodes.Select(_ => new List<string>()).ToArray();
            for (var i = 0; i < lanes.Length; i++)
            {
                var name = i;
                var lane = nodes[lanes[i]].CreateLane($"l{i}", ChoiceKind.Dispatch);
                for (var e = 0; e < events; e++) lane.Post(new Do(() => logs[lanes[name]].Add($"{name}")));
            }
            var result = world.RunUntilIdle();
            if (result.HasPassed) outcomes.Add(string.Join('|', logs.Select(log => string.Concat(log))));
            return result;
        }).Explore(strategy, new() { FailureLimit = int.MaxValue });
        Assert.True(report.IsExhausted);
        Assert.Equal(0, report.Failed);
        Assert.Equal(0, strategy.Fallbacks);
        Assert.Equal((strategy.Complete, strategy.Cut), (report.Runs, report.Cut));
        return (strategy, outcomes);
    }

    [Theory]
    [InlineData(new[] { 0, 1 }, 3, 20, 1)] // two nodes, three events each: 6!/3!3! orders, one class
    [InlineData(new[] { 0, 1, 2 }, 2, 90, 1)] // 6!/2!2!2!
    [InlineData(new[] { 0, 0 }, 3, 20, 20)] // one node: every order is a class of its own
    [InlineData(new[] { 0, 0, 0 }, 2, 90, 90)]
    [InlineData(new[] { 0, 0, 1, 1 }, 2, 2520, 36)] // 8!/2!^4 orders, (4!/2!2!)^2 classes
    [InlineData(new[] { 0, 0, 1, 1, 2 }, 1, 120, 4)]
    public void As_many_runs_as_there_are_orders_or_classes_of_equivalent_orders(int[] lanes, int events, long orders, long classes)
    {
        var (none, all) = Lanes(Reduction.None, lanes, events);
        Assert.Equal((orders, 0L), (none.Complete, none.Cut));
        Assert.Equal(classes, all.Count);
        var (sleep, bySleep) = Lanes(Reduction.SleepSets, lanes, events);
        Assert.Equal(classes, sleep.Complete);
        Assert.True(all.SetEquals(bySleep));
        var (source, bySource) = Lanes(Reduction.SourceSets, lanes, events);
        Assert.Equal(classes, source.Complete);
        Assert.True(all.SetEquals(bySource));
        Assert.True(source.Cut <= sleep.Cut);
        Assert.Equal((orders, false), (source.Orders, source.HasMoreOrders));
        if (classes < orders) Assert.NotEqual(0, source.LeftOut);
    }

    [Fact]
    public void Source_sets_leave_no_dead_ends_where_nothing_is_shared()
    {
        var (strategy, _) = Lanes(Reduction.SourceSets, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3);
        Assert.Equal((1L, 0L), (strategy.Complete, strategy.Cut));
        Assert.True(strategy.HasMoreOrders); // 30!/3!^10, and too many states on the way to count them
        Assert.Equal(27, strategy.MaxDepth); // the last lane's events are no choice any more
    }

    [Theory]
    [InlineData(Reduction.None, 90)] // 6!/2!2!2!
    [InlineData(Reduction.SleepSets, 6)] // two lanes share a node: 4!/2!2!
    [InlineData(Reduction.SourceSets, 6)]
    public void After_the_order_is_closed_nothing_multiplies(Reduction reduction, long runs)
    {
        var strategy = new ExhaustiveStrategy(reduction);
        new Explorer(run =>
        {
            var order = OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch), Ns(1000));
            var world = new World(new() { Seed = run.Seed, Chooser = run.Chooser, Order = order }, run.Resources);
            var nodes = new[] { world.AddHost("h1"), world.AddHost("h2") };
            var lanes = new[] { 0, 0, 1 }.Select((node, i) => nodes[node].CreateLane($"l{i}", ChoiceKind.Dispatch)).ToArray();
            var count = 0;
            return world.Run(async w =>
            {
                PostAll();
                await w.Delay(Ns(5000));
                w.CloseOrder();
                PostAll();
                await w.Idle();
                Assert.Equal(12, count);
            });

            void PostAll()
            {
                foreach (var lane in lanes)
                {
                    lane.Post(new Do(() => count++));
                    lane.Post(new Do(() => count++));
                }
            }
        }).Explore(strategy, new() { FailureLimit = int.MaxValue });
        Assert.True(strategy.IsExhausted);
        Assert.Equal(runs, strategy.Complete);
    }

    [Fact]
    public void The_report_says_how_many_orders_the_runs_stand_for()
    {
        var (strategy, _) = Lanes(Reduction.SourceSets, [0, 1, 2, 3, 4], 3);
        Assert.Equal(168_168_000, strategy.Orders); // 15!/3!^5
        Assert.EndsWith("; they stand for 168168000 orders", strategy.Describe());
    }

    [Theory]
    [InlineData(0, 60)]
    public void Reductions_lose_no_outcome_of_random_programs(int first, int count)
    {
        long runs = 0, fewer = 0, slept = 0, compared = 0;
        for (var seed = first; seed < first + count; seed++)
        {
            var program = new RandomProgram((ulong)seed);
            var (all, none) = program.Explore(Reduction.None, 400);
            if (!none.IsExhausted) continue; // too many orders to compare with
            if (all.Count > 1) compared++;
            var (bySleep, sleep) = program.Explore(Reduction.SleepSets, long.MaxValue);
            var (bySource, source) = program.Explore(Reduction.SourceSets, long.MaxValue);
            Assert.True(all.SetEquals(bySleep), $"program {seed}: sleep sets saw {bySleep.Count} of {all.Count} outcomes\n{program}");
            Assert.True(all.SetEquals(bySource), $"program {seed}: source sets saw {bySource.Count} of {all.Count} outcomes\n{program}");
            // One complete run for each class, whichever way; source sets meet fewer dead ends.
            Assert.True(sleep.Complete <= none.Complete && source.Complete == sleep.Complete && source.Cut <= sleep.Cut, $"program {seed}");
            // And what they leave out is just what there is: the classes' sizes add up to all orders.
            Assert.True(source.Orders == none.Complete, $"program {seed}: {source.Orders} of {none.Complete} orders\n{program}");
            Assert.True(source.Fallbacks == 0, $"program {seed}: {source.Fallbacks} fallbacks\n{program}");
            runs += none.Complete;
            slept += sleep.Complete + sleep.Cut;
            fewer += source.Complete + source.Cut;
        }
        Assert.True(runs > fewer && slept > fewer && compared * 6 > count, $"{compared} programs: {runs} orders, {slept} with sleep sets, {fewer} with source sets");
    }
}
