using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Sim.Explore;

namespace Weft.Fabric.Sim.Tests.Explore;

public sealed class ShrinkerTests
{
    [Fact]
    public void A_failure_shrinks_to_what_it_needs_and_replays_from_its_log()
    {
        var explorer = new Explorer(run => Puzzles.Backwards(run, 3));
        var found = explorer.Explore(new RandomStrategy(3)).Failures[0];
        Assert.True(found.Choices.Count(choice => choice.Chosen != 0) > 4);
        var shrinker = new Shrinker(explorer);
        var small = shrinker.Shrink(found);
        // One loss, and the orders "last before the third of first" and "check before the rest": three choices that are not 0.
        Assert.Equal("backwards", small.Result.Rule);
        Assert.Equal(1, small.Choices.Count(choice => choice.Kind == ChoiceKind.Loss && choice.Chosen != 0));
        Assert.Equal(3, small.Choices.Count(choice => choice.Chosen != 0));
        Assert.False(small.Choices[^1].IsDefault);
        Assert.InRange(shrinker.Attempts, 1, 2000);

        // Minimal: putting any one of them back to 0 does not fail any more.
        for (var i = 0; i < small.Choices.Count; i++)
        {
            if (small.Choices[i].Chosen == 0) continue;
            var without = small.Choices.ToList();
            without[i] = without[i] with { Chosen = 0 };
            Assert.True(explorer.Run(new ReplayChooser(without, small.Seed, isLenient: true), small.Seed).HasPassed);
        }

        var log = new ChoiceLog { Scenario = "backwards", Seed = small.Seed, Open = ChoiceKinds.All, Choices = small.Choices };
        Assert.True(ChoiceLog.TryParse(log.ToString(), out var read, out var error), error);
        var replayed = explorer.Replay(read.ToChooser(), read.Seed);
        Assert.Equal(small.Result.ToString(), replayed.ToString());
    }

    [Fact]
    public void A_replay_in_a_changed_scenario_is_reported_as_such()
    {
        var explorer = new Explorer(run => Puzzles.Backwards(run, 3));
        var found = explorer.Explore(new RandomStrategy(3)).Failures[0];
        var changed = new Explorer(run => Puzzles.Backwards(run, 1)).Replay(new ReplayChooser(found.Choices, found.Seed), found.Seed);
        Assert.Equal((RunOutcome.Failed, "replay-mismatch"), (changed.Outcome, changed.Rule));
        Assert.Contains("does not fit: recorded was", changed.Reason);
        var exact = explorer.Replay(new ReplayChooser(found.Choices, found.Seed), found.Seed);
        Assert.Equal(found.Result.ToString(), exact.ToString());
    }
}
