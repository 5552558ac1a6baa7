using System.CommandLine;
using Spectre.Console;
using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Sim.Explore;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft explore NAME</c>: many runs of a scenario, each with another order of events.</summary>
internal static class ExploreCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The scenario; `weft list` shows them." };
        var strategy = new Option<string>("--strategy") { Description = $"How to search: {Strategies.Help}.", DefaultValueFactory = _ => "exhaustive" };
        var budget = new Option<string>("--budget") { Description = "When to stop: a number of schedules, or a time such as 30s, 5m, 1h.", DefaultValueFactory = _ => "10000" };
        var seed = CommonOptions.Seed();
        var set = CommonOptions.Set();
        var workers = new Option<int>("--workers") { Description = "Threads that share a random or pct campaign.", DefaultValueFactory = _ => 1 };
        var capture = CommonOptions.Capture();
        capture.Description = "Writes one run of each course that was seen to a pcapng file; the second and later files get a number.";
        var save = new Option<FileInfo?>("--save") { Description = "Where to write the choices of a failure. Default: NAME.choices here.", HelpName = "file" };
        var json = CommonOptions.Json();
        var command = new Command("explore",
            "Runs a scenario under every order of events that the architecture allows, or a sample of them, and stops at the first that breaks its claim.\n\nExamples:\n"
            + "  weft explore login-before-established --capture login.pcapng\n"
            + "  weft explore iser-basic --strategy pct:3 --budget 30s --set loss=50000")
        { name, strategy, budget, seed, set, workers, capture, save, json };
        command.SetAction(parsed =>
        {
            if (ScenarioCatalog.Find(parsed.GetValue(name)!) is not { } scenario) return Out.Usage(ScenarioCatalog.Unknown(parsed.GetValue(name)!));
            if (Settings.TryCreate(scenario.Settings, parsed.GetValue(set)!, out var error) is not { } settings) return Out.Usage(error!);
            if (!Budget.TryParse(parsed.GetValue(budget)!, out var limit)) return Out.Usage($"'{parsed.GetValue(budget)}' is not a budget; give a number of schedules, or a time such as 30s");
            if (Strategies.TryCreate(parsed.GetValue(strategy)!, 1) is null) return Out.Usage($"'{parsed.GetValue(strategy)}' is not a strategy: {Strategies.Help}");
            if (parsed.GetValue(workers) is < 1 or > 64) return Out.Usage("--workers takes 1 to 64");
            var campaign = new Campaign(scenario, settings, parsed.GetValue(strategy)!, parsed.GetValue(seed), limit, parsed.GetValue(workers));
            return Explore(scenario, settings, campaign, parsed.GetValue(capture), parsed.GetValue(save), parsed.GetValue(json));
        });
        return command;
    }

    private static int Explore(Scenario scenario, Settings settings, Campaign campaign, FileInfo? capture, FileInfo? save, bool json)
    {
        ConsoleCancelEventHandler cancel = (_, e) =>
        {
            e.Cancel = !campaign.WasInterrupted;
            campaign.Interrupt();
        };
        Console.CancelKeyPress += cancel;
        var report = Progress.While(campaign.Run, () => FormattableString.Invariant(
            $"{scenario.Name}: {campaign.Runs:N0} schedules, {campaign.Cut:N0} left out as equivalent, {campaign.Runs / Math.Max(0.001, campaign.Seconds):N0}/s"));
        Console.CancelKeyPress -= cancel;

        var captures = capture is null ? null : Capture(scenario, settings, campaign, capture);
        var failure = report.Failures.Count > 0 ? report.Failures[0] : null;
        var file = failure is null ? null : (save ?? new FileInfo($"{scenario.Name}.choices"));
        if (failure is not null) File.WriteAllText(file!.FullName, Choices.ToLog(scenario, settings, failure).ToString());
        if (json)
        {
            Out.Json(new
            {
                Scenario = scenario.Name, scenario.Claim, report.Strategy, Schedules = report.Runs, LeftOutAsEquivalent = report.Cut, report.Failed, report.IsExhausted,
                report.MostChoices, report.Details, Courses = campaign.Courses.ToDictionary(c => c.Key, c => c.Value.Count), Captures = captures, campaign.Seconds, report.Total.Events, Settings = settings.Changed,
                Failure = failure is null ? null : new { failure.Number, failure.Seed, failure.Result.Rule, failure.Result.Reason, Choices = file!.FullName },
            });
        }
        else Print(scenario, campaign, report, failure, file, captures);
        return failure is not null ? ExitCode.Failed : campaign.WasInterrupted ? ExitCode.Interrupted : ExitCode.Success;
    }

    /// <summary>Runs the first schedule of each course once more, and captures it.</summary>
    private static SortedDictionary<string, string> Capture(Scenario scenario, Settings settings, Campaign campaign, FileInfo file)
    {
        var captures = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, course) in campaign.Courses)
        {
            var path = captures.Count == 0 ? file.FullName : Path.ChangeExtension(file.FullName, $"{captures.Count + 1}{file.Extension}");
            using var stream = File.Create(path);
            ScenarioRunner.Run(scenario, new RunRequest { Settings = settings, Seed = course.Seed, Chooser = new ReplayChooser(course.Choices, course.Seed), Capture = stream });
            captures.Add(Path.GetRelativePath(Environment.CurrentDirectory, path), name);
        }
        return captures;
    }

    private static void Print(Scenario scenario, Campaign campaign, ExplorationReport report, ExplorationFailure? failure, FileInfo? file,
        IReadOnlyDictionary<string, string>? captures)
    {
        Out.Line($"{(failure is null ? "PASSED" : "FAILED")}  {scenario.Name}");
        Out.Line($"  claim:    {scenario.Claim}");
        Out.Line(FormattableString.Invariant(
            $"  searched: {report.Runs:N0} schedules ({report.Strategy}), {report.Cut:N0} cut off as equivalent to one of them, in {campaign.Seconds:0.00} s ({report.Runs / Math.Max(0.001, campaign.Seconds):N0}/s)"));
        foreach (var (name, course) in campaign.Courses) Out.Line(FormattableString.Invariant($"            {course.Count,6:N0} x {name}"));
        if (report.Details.Length > 0) Out.Line($"            {report.Details}");
        Out.Line(report.IsExhausted ? "            nothing is left to try: every order was covered" : "            the budget ended the search: other orders are left");
        foreach (var (path, course) in captures ?? new SortedDictionary<string, string>()) Out.Line($"  capture:  {path}: {course}");
        if (failure is null) return;
        Out.Line($"  broken:   {(failure.Result.Rule.Length > 0 ? failure.Result.Rule : failure.Result.Outcome.ToString())}: {failure.Result.Reason}");
        Out.Line($"  source:   {scenario.Source}");
        Out.Line($"  schedule: {failure.Number + 1:N0}, {failure.Choices.Count(c => c.Chosen != 0)} of {failure.Choices.Count} choices are not the first alternative");
        Out.Line($"  replay:   weft replay {file!.Name} --capture {Path.ChangeExtension(file.Name, ".pcapng")}");
        Out.Line($"  shrink:   weft shrink {file.Name}");
    }
}
