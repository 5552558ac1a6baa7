using Weft.Fabric.Sim;
using Weft.Protocol.Capture;

namespace Weft.Scenarios.Runner;

/// <summary>Makes one run of a scenario on the simulated fabric: its steps, its checks, its clean-up, its capture.</summary>
public static class ScenarioRunner
{
    public static RunResult Run(Scenario scenario, RunRequest request)
    {
        var order = scenario.Order(request.Settings);
        if (request.Open is { } open) order = order with { Open = open };
        var observers = new ObserverChain();
        if (request.Observer is not null) observers.Add(request.Observer);
        var writer = request.Capture is null ? null : new PcapngWriter(request.Capture, Describe(scenario, request));
        var at = request.CaptureAt ?? scenario.CaptureAt;
        if (writer is not null) observers.Add(new CaptureObserver(writer, at));
        // Behind the capture, so that the frame that breaks a rule is in it.
        var checks = request.ChecksWire ? new WireCheckObserver(at) : null;
        if (checks is not null) observers.Add(checks);
        var isWatched = request.Observer is not null || writer is not null || checks is not null;
        var world = new World(
            new WorldOptions { Seed = request.Seed, Chooser = request.Chooser, Order = order, Observer = isWatched ? observers : null }, request.Resources);
        checks?.Attach(world);
        request.Attach?.Invoke(world);
        var context = new ScenarioWorld(new SimStage(world, request.Parts), request.Settings, request.Parts, request.Courses ?? []);
        try
        {
            return world.Run(_ => Steps(scenario, context));
        }
        finally
        {
            writer?.Flush();
        }
    }

    /// <summary>What is awaited on either stage.</summary>
    internal static async Task Steps(Scenario scenario, ScenarioWorld context)
    {
        await scenario.RunAsync(context);
        await context.FinishAsync();
    }

    private static string Describe(Scenario scenario, RunRequest request) =>
        $"{scenario.Name}, seed {request.Seed}" + string.Concat(request.Settings.Changed.Select(s => $", {s.Key}={s.Value}"));
}
