using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Scenarios.Runner;
using Weft.Scenarios.Timelines;

namespace Weft.Scenarios.Commands;

/// <summary>A run that is watched for its timeline.</summary>
internal static class DrawnRun
{
    /// <param name="chooser">Answers the open kinds; null: the seed does.</param>
    /// <param name="capture">Where the capture goes; null: none is made.</param>
    /// <param name="open">Kinds that are open, instead of those that the scenario opens.</param>
    public static Timeline Make(Scenario scenario, Settings settings, ulong seed, IChooser? chooser, FileInfo? capture, out RunResult result,
        ChoiceKinds? open = null, string? captureAt = null)
    {
        var set = string.Concat(settings.Changed.Select(s => $" {s.Key}={s.Value}"));
        var timeline = new Timeline($"{scenario.Name}, seed {seed}{set}") { Subtitle = scenario.Claim };
        var observer = new TimelineObserver(timeline);
        using var stream = capture?.Create();
        result = ScenarioRunner.Run(scenario, new RunRequest
        {
            Settings = settings, Seed = seed, Chooser = chooser, Open = open, Capture = stream, CaptureAt = captureAt, Observer = observer, Attach = observer.Attach,
        });
        observer.End(result);
        return timeline;
    }
}
