using System.CommandLine;
using Weft.Fabric.Sim;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft replay FILE</c>: one run with the choices of a file.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "A choice log, as explore and shrink write it." };
        var capture = CommonOptions.Capture();
        var json = CommonOptions.Json();
        var command = new Command("replay",
            "Runs a recorded schedule again, exactly. The exit code is 1 when it fails, as the recorded run did.\n\nExamples:\n"
            + "  weft replay login-before-established.choices --capture failure.pcapng") { file, capture, json };
        command.SetAction(parsed =>
        {
            if (!Choices.TryLoad(parsed.GetValue(file)!, out var log, out var scenario, out var settings, out var error)) return Out.Usage(error);
            using var stream = parsed.GetValue(capture)?.Create();
            var chooser = log.ToChooser();
            var result = ScenarioRunner.Run(scenario, new RunRequest { Settings = settings, Seed = log.Seed, Chooser = chooser, Open = log.Open, Capture = stream });
            if (chooser.Mismatch is { } mismatch) return Out.Usage($"{parsed.GetValue(file)!.Name} does not fit this program: {mismatch.Message}");
            if (!result.HasFailed && chooser.DescribeUnused() is { } unused) return Out.Usage($"{parsed.GetValue(file)!.Name} does not fit this program: {unused}");
            Report.Print(scenario, settings, log.Seed, result, parsed.GetValue(capture), parsed.GetValue(json), $"weft replay {parsed.GetValue(file)!.Name}");
            return result.HasPassed ? ExitCode.Success : ExitCode.Failed;
        });
        return command;
    }
}
