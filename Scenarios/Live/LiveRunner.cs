using Weft.Fabric.Hw;
using Weft.Fabric.Sim;
using Weft.Protocol.Capture;
using Weft.Scenarios.Captures;
using Weft.Scenarios.Commands;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Live;

/// <summary>Makes one run of a scenario on real links: its steps, its claims, its clean-up, and the rules of the wire over what was captured.</summary>
internal static class LiveRunner
{
    /// <summary>Settings of simulated cables: a real one has its own.</summary>
    private static readonly string[] SimulatedOnly =
        [CommonSettings.Latency.Name, CommonSettings.Bandwidth.Name, CommonSettings.Mtu.Name, CommonSettings.Corruption.Name, CommonSettings.Window.Name];

    /// <summary>Why a scenario cannot run like this; null: it can.</summary>
    public static string? Refuses(Scenario scenario, Settings settings, IReadOnlyList<string> links)
    {
        if (scenario.NotLive is { } reason) return $"{scenario.Name} does not run on real links: {reason}; `weft list` shows which do";
        if (settings.Changed.Keys.FirstOrDefault(SimulatedOnly.Contains) is { } setting) return $"'{setting}' is of simulated cables; a real link has its own";
        if (links.FirstOrDefault(l => !l.StartsWith("eth:", StringComparison.Ordinal) || l.Length == 4) is { } wrong)
            return $"'{wrong}' is not a link; give eth:IFACE, one for each host of the scenario, all on one wire (the ends of a veth pair, ports of a bridge)";
        return links.Count < 2 ? "a scenario needs two hosts at least: give --link eth:IFACE for each, e.g. both ends of a veth pair" : null;
    }

    /// <exception cref="LinkException">A link is missing or cannot be opened; the message says what to do.</exception>
    public static RunResult Run(Scenario scenario, Settings settings, ulong seed, IEnumerable<string> links, Stream capture, List<string> courses)
    {
        var writer = new PcapngWriter(capture, $"{scenario.Name}, live, seed {seed}");
        using var stage = new LiveStage(links.Select(l => l[4..]), scenario.CaptureAt, writer, seed);
        RunResult result;
        using (OnInterrupt.Call(stage.Interrupt)) result = stage.Run(() => ScenarioRunner.Steps(scenario, new ScenarioWorld(stage, settings, ScenarioParts.Product, courses)));
        writer.Flush();
        if (!result.HasPassed) return result;
        capture.Position = 0;
        var report = CaptureCheck.Run(capture, scenario.Name, checksRules: true, isComplete: false);
        return Broken(report) is { } broken
            ? result with { Outcome = RunOutcome.Failed, Rule = broken.Rule, Reason = $"frame {broken.Frame} at {scenario.CaptureAt}: {broken.Detail} [{broken.Spec}]" }
            : result;
    }

    private static FrameProblem? Broken(CaptureReport report) =>
        report.Violations is [var finding, ..] ? new(finding.Frame, finding.Violation)
        : report.Unread is [var unread, ..] ? unread
        : report.Damaged is [var damaged, ..] ? damaged
        : null;
}
