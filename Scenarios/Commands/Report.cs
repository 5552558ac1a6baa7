using Weft.Fabric.Sim;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Commands;

/// <summary>Prints how a run went: for a person, or as JSON.</summary>
internal static class Report
{
    /// <summary>What was written beside the report.</summary>
    /// <param name="Failure">What a failing run left.</param>
    internal sealed record Written(FileInfo? Capture, FileInfo? Choices, FileInfo? Timeline, FailureFiles? Failure = null);

    public static void Print(Scenario scenario, Settings settings, ulong seed, RunResult result, Written files, bool json, string? replay = null)
    {
        var statistics = result.Statistics;
        replay ??= ReplayLine(scenario, settings, seed);
        if (json)
        {
            Out.Json(new
            {
                Scenario = scenario.Name, scenario.Claim, Passed = result.HasPassed, Outcome = result.Outcome.ToString(), Seed = seed, Settings = settings.Changed,
                Rule = result.HasPassed ? null : result.Rule, Reason = result.HasPassed ? null : result.Reason,
                VirtualTimeNs = statistics.Time.Nanoseconds, statistics.Events, statistics.Choices, statistics.FramesSent, statistics.FramesDelivered,
                statistics.FramesDropped, statistics.FramesLost, statistics.FramesDisturbed,
                Capture = (files.Failure?.Capture ?? files.Capture)?.FullName, ChoiceLog = (files.Failure?.Choices ?? files.Choices)?.FullName,
                Timeline = (files.Failure?.Timeline ?? files.Timeline)?.FullName, Replay = replay,
            });
            return;
        }
        Out.Line($"{(result.HasPassed ? "PASSED" : "FAILED")}  {scenario.Name}");
        Out.Line($"  claim:    {scenario.Claim}");
        if (!result.HasPassed) PrintBroken(scenario, result);
        Out.Line($"  run:      {statistics.Time}, {statistics.Events:N0} events, {statistics.FramesSent:N0} frames"
            + $" ({statistics.FramesDropped:N0} dropped), {statistics.Choices:N0} choices");
        if (files.Failure is { } left)
        {
            left.Print();
            Out.Line($"  replay:   {replay}");
            Out.Line();
            Out.Line(left.Drawing);
            return;
        }
        if (files.Capture is { } capture) Out.Line($"  capture:  {capture.FullName} (open it with Wireshark, or `weft capture show {capture.Name}`)");
        if (files.Choices is { } choices) Out.Line($"  choices:  {choices.FullName} (`weft replay {choices.Name}`)");
        if (files.Timeline is { } timeline) Out.Line($"  timeline: {timeline.FullName}");
        if (!result.HasPassed) Out.Line($"  replay:   {replay}");
    }

    /// <summary>Which claim is broken, and where it comes from.</summary>
    public static void PrintBroken(Scenario scenario, RunResult result)
    {
        Out.Line($"  broken:   {(result.Rule.Length > 0 ? result.Rule : result.Outcome.ToString())}: {result.Reason}");
        Out.Line($"  source:   {scenario.Source}");
    }

    public static string ReplayLine(Scenario scenario, Settings settings, ulong seed) =>
        $"weft run {scenario.Name} --seed {seed}" + string.Concat(settings.Changed.Select(s => $" --set {s.Key}={s.Value}"));
}
