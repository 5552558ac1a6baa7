using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Commands;

/// <summary>
/// Explorations of several scenarios by several strategies, one after the other. A failure ends its own part only.
/// </summary>
/// <param name="assignments">Settings that were asked for; not every scenario has each.</param>
internal sealed class CatalogueCampaign(IReadOnlyList<CampaignPart> parts, IReadOnlyList<string> assignments, ulong seed, int workers)
{
    private volatile Campaign? current;
    private volatile bool wasInterrupted;
    private int done;

    public IReadOnlyList<CampaignPart> Parts => parts;
    public bool WasInterrupted => wasInterrupted;

    /// <summary>Scenarios that do not have a setting that was asked for, each with what it lacks.</summary>
    public IEnumerable<(string Scenario, string Lacks)> Lacking =>
        from scenario in parts.Select(p => p.Scenario).Distinct()
        let lacks = assignments.Select(a => a.Split('=')[0]).Where(name => scenario.Settings.All(s => s.Name != name)).ToList()
        where lacks.Count > 0
        select (scenario.Name, string.Join(", ", lacks));

    /// <summary>
    /// Shares a budget out. Each strategy has the whole number of schedules; of these each scenario gets a share that goes with the inverse of
    /// its weight, so that a run that is fifty times as long is made a fiftieth as often. A time is shared equally.
    /// </summary>
    public static List<CampaignPart> Share(IReadOnlyList<(Scenario Scenario, Settings Settings)> scenarios, IReadOnlyList<string> strategies, Budget budget)
    {
        var shares = scenarios.Sum(s => 1.0 / s.Scenario.Weight);
        var parts = new List<CampaignPart>();
        foreach (var strategy in strategies)
        {
            long given = 0;
            var sum = 0.0;
            foreach (var (scenario, settings) in scenarios)
            {
                sum += 1.0 / scenario.Weight / shares;
                // By the running sum, so that the shares add up to the budget; but each gets one run at least.
                var share = budget.Schedules == long.MaxValue ? long.MaxValue : Math.Max(1, (long)Math.Round(budget.Schedules * sum) - given);
                if (share != long.MaxValue) given += share;
                parts.Add(new(scenario, settings, strategy, new(share, budget.Seconds / (scenarios.Count * strategies.Count))));
            }
        }
        return parts;
    }

    /// <summary>Ends it after the runs under way.</summary>
    public void Interrupt()
    {
        wasInterrupted = true;
        current?.Interrupt();
    }

    /// <param name="completed">Told about each part that is over.</param>
    public void Run(Action<CampaignPart> completed)
    {
        foreach (var part in parts)
        {
            if (wasInterrupted) return;
            var campaign = current = new Campaign(part.Scenario, part.Settings, part.Strategy, seed, part.Budget, workers);
            if (wasInterrupted) campaign.Interrupt();
            part.Report = campaign.Run();
            part.Seconds = campaign.Seconds;
            part.Courses = campaign.Courses.ToDictionary(c => c.Key, c => c.Value.Count);
            if (part.Failure is { } failure)
                part.Left = FailureFiles.Write(part.Scenario, part.Settings, failure, new($"{part.Scenario.Name}.{part.Strategy.Replace(':', '-')}.choices"));
            done++;
            completed(part);
        }
    }

    /// <summary>One line for a terminal.</summary>
    public string Describe() => current is not { } campaign ? "" : FormattableString.Invariant(
        $"part {done + 1} of {parts.Count}: {parts[Math.Min(done, parts.Count - 1)].Scenario.Name}, {campaign.Runs:N0} schedules, {campaign.Runs / Math.Max(0.001, campaign.Seconds):N0}/s");
}
