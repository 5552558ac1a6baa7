using System.CommandLine;
using Weft.Scenarios.Timelines;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft replay FILE</c>: one run with the choices of a file.</summary>
internal static class ReplayCommand
{
    /// <summary>Lines of the timeline that are printed under a failure.</summary>
    private const int PrintedLines = 24;

    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "A choice log, as run, explore and shrink write it." };
        var capture = CommonOptions.Capture();
        var timeline = CommonOptions.Timeline();
        var json = CommonOptions.Json();
        var command = new Command("replay",
            "Runs a recorded schedule again, exactly. The exit code is 1 when it fails, as the recorded run did, and 2 when the file does not fit\n"
            + "this program: then it says at which choice.\n\nExamples:\n"
            + "  weft replay login-before-established.choices\n"
            + "  weft replay login-before-established.choices --capture failure.pcapng --timeline failure.svg") { file, capture, timeline, json };
        command.SetAction(parsed => Replay(parsed.GetValue(file)!, parsed.GetValue(capture), parsed.GetValue(timeline), parsed.GetValue(json)));
        return command;
    }

    private static int Replay(FileInfo file, FileInfo? capture, FileInfo? timeline, bool json)
    {
        if (!Choices.TryLoad(file, out var log, out var scenario, out var settings, out var error)) return Out.Usage(error);
        var chooser = log.ToChooser();
        var drawing = DrawnRun.Make(scenario, settings, log.Seed, chooser, capture, out var result, log.Open);
        if (chooser.Mismatch is { } mismatch) return Out.Usage($"{file.Name} does not fit this program: {mismatch.Message}");
        if (!result.HasFailed && chooser.DescribeUnused() is { } unused) return Out.Usage($"{file.Name} does not fit this program: {unused}");
        if (timeline is not null) TimelineFile.Write(drawing, timeline);
        Report.Print(scenario, settings, log.Seed, result, new(capture, null, timeline), json, $"weft replay {file.Name}");
        if (result.HasPassed) return ExitCode.Success;
        if (!json) Out.Line($"\n{TimelineText.Draw(drawing, PrintedLines, Out.Width)}");
        return ExitCode.Failed;
    }
}
