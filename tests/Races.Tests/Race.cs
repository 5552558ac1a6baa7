using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Sim.Explore;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Commands;
using Weft.Scenarios.Runner;

namespace Weft.Races.Tests;

/// <summary>What is asked of every race: the bug put back is found, its schedule is good for a file, and the product has no such schedule.</summary>
internal static class Race
{
    /// <summary>
    /// Explores a scenario on software with a bug: it must fail within so many schedules. The failing choices, written and read back, must
    /// fail in the same way, before and after shrinking.
    /// </summary>
    /// <param name="rules">The claims that the bug may break; none: it throws instead.</param>
    public static void IsFound(string name, ScenarioParts mutant, string strategy, long within, string[] rules, params string[] set)
    {
        var (scenario, settings) = Find(name, set);
        var explorer = Campaign.CreateExplorer(scenario, settings, mutant);
        var report = explorer.Explore(Strategies.TryCreate(strategy, 1)!, new() { Budget = within });
        Assert.True(report.Failed > 0, $"not found: {report}");
        var failure = report.Failures[0];
        if (rules.Length > 0) Assert.True(rules.Contains(failure.Result.Rule), $"broken is {failure.Result.Rule}: {failure.Result.Reason}");
        else Assert.NotNull(failure.Result.Exception);
        FailsAgain(scenario, settings, explorer, failure);

        var small = new Shrinker(explorer).Shrink(failure, attempts: 200);
        Assert.True(small.Choices.Count(c => c.Chosen != 0) <= failure.Choices.Count(c => c.Chosen != 0));
        FailsAgain(scenario, settings, explorer, small);

        // The schedule alone is not to blame.
        var cured = Campaign.CreateExplorer(scenario, settings).Run(new ReplayChooser(small.Choices, small.Seed, isLenient: true), small.Seed);
        Assert.True(cured.HasPassed, cured.ToString());
    }

    /// <summary>Explores a scenario on the product.</summary>
    /// <param name="exhausts">Whether the schedules suffice to try everything.</param>
    public static void IsNotThere(string name, string strategy, long schedules, bool exhausts, params string[] set)
    {
        var (scenario, settings) = Find(name, set);
        var report = Campaign.CreateExplorer(scenario, settings).Explore(Strategies.TryCreate(strategy, 1)!, new() { Budget = schedules });
        Assert.True(report.Failed == 0, report.Failed == 0 ? "" : $"schedule {report.Failures[0].Number}: {report.Failures[0].Result}");
        Assert.True(report.IsExhausted == exhausts, report.ToString());
    }

    private static void FailsAgain(Scenario scenario, Settings settings, Explorer explorer, ExplorationFailure failure)
    {
        var text = Choices.ToLog(scenario, settings, failure).ToString();
        Assert.True(ChoiceLog.TryParse(text, out var log, out var error), error);
        Assert.Equal(text, log.ToString());
        var again = explorer.Replay(log.ToChooser(), log.Seed);
        Assert.Equal((failure.Result.Outcome, failure.Result.Rule, failure.Result.Reason), (again.Outcome, again.Rule, again.Reason));
    }

    private static (Scenario Scenario, Settings Settings) Find(string name, string[] set)
    {
        var scenario = ScenarioCatalog.Find(name)!;
        var settings = Settings.TryCreate(scenario.Settings, set, out var error);
        Assert.True(settings is not null, error);
        return (scenario, settings);
    }
}
