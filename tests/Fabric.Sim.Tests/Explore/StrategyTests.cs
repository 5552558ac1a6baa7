using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Sim.Explore;

namespace Weft.Fabric.Sim.Tests.Explore;

public sealed class StrategyTests
{
    [Fact]
    public void The_natural_order_of_the_puzzles_passes()
    {
        var explorer = new Explorer(run => Puzzles.Split(run, 3));
        Assert.True(explorer.Run(new DefaultChooser(), 1).HasPassed);
        Assert.True(new Explorer(run => Puzzles.Backwards(run, 3)).Run(new DefaultChooser(), 1).HasPassed);
    }

    [Fact]
    public void Pct_finds_a_bug_of_its_depth_at_least_as_often_as_promised()
    {
        // n = 2 + 4 lanes, k = 3 + 16 events, d = 2: at least 1 in 6·19 = 114 runs.
        var report = new Explorer(run => Puzzles.Split(run, 4)).Explore(new PctStrategy(1, depth: 2), new() { Budget = 4000, FailureLimit = int.MaxValue });
        Assert.Equal(4000, report.Runs);
        Assert.InRange(report.Failed, 4000 / 114, 2000);
        // Depth 1 means that whole lanes run one after the other: it cannot get between 1 and 2.
        var shallow = new Explorer(run => Puzzles.Split(run, 4)).Explore(new PctStrategy(1, depth: 1), new() { Budget = 1000, FailureLimit = int.MaxValue });
        Assert.Equal(0, shallow.Failed);
    }

    [Fact]
    public void Random_campaigns_are_the_same_however_they_are_shared_out()
    {
        var whole = Explore(0, 1, 300);
        var parts = ExplorationReport.Merge([Explore(0, 2, 150), Explore(1, 2, 150)]);
        Assert.NotEqual(0, whole.Failed);
        Assert.Equal((whole.Runs, whole.Failed, whole.Total, whole.MostChoices), (parts.Runs, parts.Failed, parts.Total, parts.MostChoices));
        Assert.Equal(whole.Failures.Select(f => (f.Number, f.Seed)), parts.Failures.Select(f => (f.Number, f.Seed)));

        static ExplorationReport Explore(long first, long stride, long runs) => new Explorer(run => Puzzles.Split(run, 2)).Explore(
            new RandomStrategy(99, first, stride), new() { Budget = runs, FailureLimit = int.MaxValue, First = first, Stride = stride });
    }

    [Fact]
    public void Delay_bounding_ends_and_finds_what_needs_no_more_delays()
    {
        // Three events, none delayed but one: 2 choices of 2 alternatives (lane a or b first, then again) as long as both have events.
        Assert.Equal((1L, 0L), Explore(0));
        var (runs, failed) = Explore(1);
        Assert.InRange(runs, 2, 20);
        Assert.NotEqual(0, failed);

        static (long Runs, long Failed) Explore(int delays)
        {
            var report = new Explorer(run => Puzzles.Split(run, 0)).Explore(new DelayBoundedStrategy(delays), new() { FailureLimit = int.MaxValue });
            Assert.True(report.IsExhausted);
            return (report.Runs, report.Failed);
        }
    }

    [Fact]
    public void Delay_bounding_makes_each_run_once()
    {
        var seen = new HashSet<string>();
        var explorer = default(Explorer);
        explorer = new(run => Puzzles.Split(run, 1));
        var strategy = new DelayBoundedStrategy(2);
        while (strategy.Next(out var seed) is { } chooser)
        {
            strategy.Completed(explorer.Run(chooser, seed));
            Assert.True(seen.Add(string.Join(' ', explorer.LastChoices.Select(choice => choice.Chosen))));
            Assert.True(explorer.LastChoices.Sum(choice => choice.Chosen) <= 2);
        }
        Assert.InRange(seen.Count, 5, 1000);
    }

    [Fact]
    public void An_exhaustive_search_says_what_it_did()
    {
        var progress = new List<ExplorationProgress>();
        var strategy = new ExhaustiveStrategy();
        var report = new Explorer(run => Puzzles.Split(run, 2)).Explore(
            strategy, new() { FailureLimit = int.MaxValue, Progress = progress.Add, ProgressInterval = 1 });
        Assert.True(report.IsExhausted);
        // b before both, between, after: three classes, one of which fails.
        Assert.Equal((3L, 1L), (report.Runs, report.Failed));
        Assert.Equal(report.Runs + report.Cut + 1, progress.Count);
        Assert.Contains("3 complete and ", report.Details);
        Assert.StartsWith("exhaustive: 3 runs, 1 failed, ", report.ToString());
    }

    [Fact]
    public void A_budget_a_callback_and_a_failure_end_it()
    {
        var explorer = new Explorer(run => Puzzles.Split(run, 2));
        Assert.Equal(7, explorer.Explore(new RandomStrategy(1), new() { Budget = 7, FailureLimit = int.MaxValue }).Runs);
        Assert.Equal(5, explorer.Explore(new RandomStrategy(1), new() { FailureLimit = int.MaxValue, Continue = p => p.Runs < 5 }).Runs);
        var stopped = explorer.Explore(new RandomStrategy(1));
        Assert.Equal((1L, stopped.Runs - 1), (stopped.Failed, stopped.Failures[0].Number));
    }

    [Fact]
    public void A_scenario_that_is_not_deterministic_is_caught()
    {
        var count = 0;
        Assert.Throws<InvalidOperationException>(() => new Explorer(run =>
        {
            var world = new World(new() { Chooser = run.Chooser, Order = new() { Open = ChoiceKinds.Of(ChoiceKind.Script) } }, run.Resources);
            count++;
            return world.Run(w =>
            {
                for (var i = 0; i < 3; i++) w.Chooser.Choose(2 + (count > 3 ? 1 : 0), new(ChoiceKind.Script, "x"));
                return Task.CompletedTask;
            });
        }).Explore(new ExhaustiveStrategy(), new() { FailureLimit = int.MaxValue }));
    }

    [Fact]
    public void A_reduction_refuses_an_order_that_the_seed_decides()
    {
        var explorer = new Explorer(run =>
        {
            var world = new World(new() { Chooser = run.Chooser, Order = new() { TimerWindow = Duration.FromNanoseconds(5) } });
            return world.RunUntilIdle();
        });
        Assert.Throws<ArgumentException>(() => explorer.Explore(new ExhaustiveStrategy()));
        Assert.Equal(1, explorer.Explore(new ExhaustiveStrategy(Reduction.None)).Runs);
    }
}
