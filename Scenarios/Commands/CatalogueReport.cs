using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Commands;

/// <summary>Prints a campaign over several scenarios: a line for each part as soon as it is over, then what failed, then the sum.</summary>
internal static class CatalogueReport
{
    private static readonly int Names = Math.Max(28, Catalog.ScenarioCatalog.All.Max(s => s.Name.Length));

    public static void Header() => Out.Line($"{"SCENARIO".PadRight(Names)}  {"STRATEGY",-12}  {"SCHEDULES",10}  {"PER SECOND",10}  {"COURSES",7}  RESULT");

    public static void Row(CampaignPart part)
    {
        var report = part.Report!;
        var rate = report.Runs / Math.Max(0.001, part.Seconds);
        var result = part.Failure is { } failure ? $"FAILED: {RuleOf(failure.Result)}" : report.IsExhausted ? "passed, nothing left to try" : "passed";
        Out.Line(FormattableString.Invariant(
            $"{part.Scenario.Name.PadRight(Names)}  {part.Strategy,-12}  {report.Runs,10:N0}  {rate,10:N0}  {part.Courses.Count,7:N0}  {result}"));
    }

    public static void Summary(CatalogueCampaign campaign, double seconds)
    {
        foreach (var part in campaign.Parts)
        {
            if (part.Failure is not { } failure) continue;
            Out.Line();
            Out.Line($"FAILED  {part.Scenario.Name}, {part.Strategy}");
            Out.Line($"  claim:    {part.Scenario.Claim}");
            Report.PrintBroken(part.Scenario, failure.Result);
            part.Left!.Print();
            Out.Line($"  replay:   weft replay {part.Left.Choices.Name}");
        }
        Out.Line();
        var over = campaign.Parts.Where(p => p.Report is not null).ToList();
        Out.Line(FormattableString.Invariant($"{over.Sum(p => p.Report!.Runs):N0} schedules of {over.Select(p => p.Scenario.Name).Distinct().Count()} scenarios")
            + FormattableString.Invariant($" by {string.Join(" and ", over.Select(p => p.Strategy).Distinct())}, {over.Count(p => p.Failure is not null)} failed, in {seconds:N0} s"));
        foreach (var group in campaign.Lacking.GroupBy(l => l.Lacks)) Out.Line($"without {group.Key}, which they do not take: {string.Join(", ", group.Select(g => g.Scenario))}");
        if (campaign.WasInterrupted) Out.Line($"interrupted: {campaign.Parts.Count - over.Count} of {campaign.Parts.Count} parts were not begun");
    }

    public static object Document(CatalogueCampaign campaign, double seconds) => new
    {
        Schedules = campaign.Parts.Sum(p => p.Report?.Runs ?? 0), Failed = campaign.Parts.Count(p => p.Failure is not null), campaign.WasInterrupted, Seconds = seconds,
        Lacking = campaign.Lacking.ToDictionary(l => l.Scenario, l => l.Lacks),
        Parts = campaign.Parts.Where(p => p.Report is not null).Select(p => new
        {
            Scenario = p.Scenario.Name, p.Strategy, Schedules = p.Report!.Runs, LeftOutAsEquivalent = p.Report.Cut, p.Report.IsExhausted, p.Report.Failed, p.Seconds, p.Courses,
            Settings = p.Settings.Changed,
            Failure = p.Failure is not { } failure ? null : new { failure.Number, failure.Seed, Rule = RuleOf(failure.Result), failure.Result.Reason, Files = p.Left!.Document },
        }),
    };

    private static string RuleOf(Fabric.Sim.RunResult result) => result.Rule.Length > 0 ? result.Rule : result.Outcome.ToString();
}
