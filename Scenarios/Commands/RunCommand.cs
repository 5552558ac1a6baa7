using System.CommandLine;
using Weft.Fabric.Sim;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft run NAME</c>: one run of a scenario.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The scenario; `weft list` shows them." };
        var seed = CommonOptions.Seed();
        var set = CommonOptions.Set();
        var capture = CommonOptions.Capture();
        var at = new Option<string?>("--capture-at") { Description = "Host whose ports are captured.", HelpName = "host" };
        var json = CommonOptions.Json();
        var command = new Command("run",
            "Runs a scenario once on the simulated fabric.\n\nExamples:\n"
            + "  weft run rping --capture rping.pcapng\n  weft run rping --seed 7 --set loss=20000 --set count=100") { name, seed, set, capture, at, json };
        command.SetAction(parsed => Run(
            parsed.GetValue(name)!, parsed.GetValue(seed), parsed.GetValue(set)!, parsed.GetValue(capture), parsed.GetValue(at), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string name, ulong seed, string[] assignments, FileInfo? capture, string? captureAt, bool json)
    {
        if (ScenarioCatalog.Find(name) is not { } scenario) return Out.Usage(ScenarioCatalog.Unknown(name));
        if (Settings.TryCreate(scenario.Settings, assignments, out var error) is not { } settings) return Out.Usage(error!);
        using var stream = capture?.Create();
        var result = ScenarioRunner.Run(scenario, new RunRequest { Settings = settings, Seed = seed, Capture = stream, CaptureAt = captureAt });
        Report.Print(scenario, settings, seed, result, capture, json);
        return result.HasPassed ? ExitCode.Success : ExitCode.Failed;
    }
}
