using Weft.Fabric.Sim;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Commands;

/// <summary>Prints how a run went: for a person, or as JSON.</summary>
internal static class Report
{
    public static void Print(Scenario scenario, Settings settings, ulong seed, RunResult result, FileInfo? capture, bool json, string? replay = null)
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
                statistics.FramesDropped, Capture = capture?.FullName, Replay = replay,
            });
            return;
        }
        Out.Line($"{(result.HasPassed ? "PASSED" : "FAILED")}  {scenario.Name}");
        Out.Line($"  claim:   {scenario.Claim}");
        if (!result.HasPassed)
        {
            Out.Line($"  broken:  {(result.Rule.Length > 0 ? result.Rule : result.Outcome.ToString())}: {result.Reason}");
            Out.Line($"  source:  {scenario.Source}");
        }
        Out.Line($"  run:     {statistics.Time} of virtual time, {statistics.Events:N0} events, {statistics.FramesSent:N0} frames"
            + $" ({statistics.FramesDropped:N0} dropped), {statistics.Choices:N0} choices");
        if (capture is not null) Out.Line($"  capture: {capture.FullName} (open it with Wireshark, or `weft capture show {capture.Name}`)");
        if (!result.HasPassed) Out.Line($"  replay:  {replay}");
    }

    public static string ReplayLine(Scenario scenario, Settings settings, ulong seed) =>
        $"weft run {scenario.Name} --seed {seed}" + string.Concat(settings.Changed.Select(s => $" --set {s.Key}={s.Value}"));
}
