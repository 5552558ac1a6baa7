using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Sim.Explore;
using Weft.Scenarios.Runner;
using Weft.Scenarios.Timelines;

namespace Weft.Scenarios.Commands;

/// <summary>The exploration of one scenario by one strategy, with everything that is told of it.</summary>
internal static class SingleExploration
{
    /// <param name="Save">Where the choices of a failure go.</param>
    internal sealed record Files(FileInfo? Capture, FileInfo? Timeline, FileInfo? Save);

    public static int Run(Scenario scenario, Settings settings, Campaign campaign, Files files, bool json)
    {
        ExplorationReport report;
        using (OnInterrupt.Call(campaign.Interrupt))
        {
            report = Progress.While(campaign.Run, () => FormattableString.Invariant(
                $"{scenario.Name}: {campaign.Runs:N0} schedules, {campaign.Cut:N0} left out as equivalent, {campaign.Runs / Math.Max(0.001, campaign.Seconds):N0}/s"));
        }
        var courses = DrawCourses(scenario, settings, campaign, files);
        var failure = report.Failures.Count > 0 ? report.Failures[0] : null;
        var left = failure is null ? null : FailureFiles.Write(scenario, settings, failure, files.Save);
        if (json)
        {
            Out.Json(new
            {
                Scenario = scenario.Name, scenario.Claim, report.Strategy, Schedules = report.Runs, LeftOutAsEquivalent = report.Cut, report.Failed, report.IsExhausted,
                campaign.WasInterrupted, report.MostChoices, report.Details, Courses = campaign.Courses.ToDictionary(c => c.Key, c => c.Value.Count), Files = courses,
                campaign.Seconds, report.Total.Events, Settings = settings.Changed,
                Failure = failure is null ? null : new { failure.Number, failure.Seed, failure.Result.Rule, failure.Result.Reason, Files = left!.Document },
            });
        }
        else Print(scenario, campaign, report, failure, left, courses);
        return failure is not null ? ExitCode.Failed : campaign.WasInterrupted ? ExitCode.Interrupted : ExitCode.Success;
    }

    /// <summary>Runs the first schedule of each course once more, and captures and draws it.</summary>
    /// <returns>The files, each with the course that it shows.</returns>
    private static SortedDictionary<string, string> DrawCourses(Scenario scenario, Settings settings, Campaign campaign, Files files)
    {
        var written = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (files.Capture is null && files.Timeline is null) return written;
        var number = 0;
        foreach (var (name, course) in campaign.Courses)
        {
            number++;
            var capture = Numbered(files.Capture, number);
            var drawing = DrawnRun.Make(scenario, settings, course.Seed, new ReplayChooser(course.Choices, course.Seed), capture, out _);
            if (capture is not null) written.Add(Path.GetRelativePath(Environment.CurrentDirectory, capture.FullName), name);
            if (Numbered(files.Timeline, number) is not { } timeline) continue;
            TimelineFile.Write(drawing, timeline);
            written.Add(Path.GetRelativePath(Environment.CurrentDirectory, timeline.FullName), name);
        }
        return written;
    }

    private static FileInfo? Numbered(FileInfo? file, int number) =>
        file is null || number == 1 ? file : new(Path.ChangeExtension(file.FullName, $"{number}{file.Extension}"));

    private static void Print(Scenario scenario, Campaign campaign, ExplorationReport report, ExplorationFailure? failure, FailureFiles? left,
        SortedDictionary<string, string> courses)
    {
        Out.Line($"{(failure is null ? "PASSED" : "FAILED")}  {scenario.Name}");
        Out.Line($"  claim:    {scenario.Claim}");
        Out.Line(FormattableString.Invariant(
            $"  searched: {report.Runs:N0} schedules ({report.Strategy}), {report.Cut:N0} cut off as equivalent to one of them, in {campaign.Seconds:0.00} s ({report.Runs / Math.Max(0.001, campaign.Seconds):N0}/s)"));
        foreach (var (name, course) in campaign.Courses) Out.Line(FormattableString.Invariant($"            {course.Count,6:N0} x {name}"));
        if (report.Details.Length > 0) Out.Line($"            {report.Details}");
        Out.Line(report.IsExhausted ? "            nothing is left to try: every order was covered"
            : campaign.WasInterrupted ? "            interrupted: other orders are left"
            : failure is not null ? "            the failure ended the search"
            : "            the budget ended the search: other orders are left");
        foreach (var (path, course) in courses) Out.Line($"  {(path.EndsWith("pcapng", StringComparison.Ordinal) ? "capture: " : "drawn:   ")} {path}: {course}");
        if (failure is null) return;
        Report.PrintBroken(scenario, failure.Result);
        Out.Line($"  schedule: {failure.Number + 1:N0}, {failure.Choices.Count(c => c.Chosen != 0)} of {failure.Choices.Count} choices are not the first alternative");
        left!.Print();
        Out.Line($"  replay:   weft replay {left.Choices.Name}");
        Out.Line($"  shrink:   weft shrink {left.Choices.Name}");
        Out.Line();
        Out.Line(left.Drawing);
    }
}
