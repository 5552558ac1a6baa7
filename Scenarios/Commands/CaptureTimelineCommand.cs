using System.CommandLine;
using Weft.Scenarios.Captures;
using Weft.Scenarios.Timelines;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft capture timeline FILE</c>: a capture as a ladder diagram.</summary>
internal static class CaptureTimelineCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "A capture file." };
        var output = new Option<FileInfo?>("--output") { Description = "Where to draw it: .svg, .html, or .txt for characters. Default: characters, on standard output.", HelpName = "file" };
        var limit = new Option<int?>("--limit") { Description = "Only the last so many lines.", HelpName = "lines" };
        var command = new Command("timeline",
            "Draws a capture as a ladder diagram: a column for each address, an arrow for each message. Acknowledgements are drawn faintly, or left out.\n\nExamples:\n"
            + "  weft capture timeline target.pcapng | less -S\n  weft capture timeline target.pcapng --output target.svg") { file, output, limit };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(limit) < 1) return Out.Usage("--limit wants at least one line");
            return Draw(parsed.GetValue(file)!, parsed.GetValue(output), parsed.GetValue(limit) ?? int.MaxValue);
        });
        return command;
    }

    private static int Draw(FileInfo file, FileInfo? output, int limit)
    {
        using var stream = CaptureFile.TryOpen(file, out var why);
        if (stream is null) return Out.Usage($"{file.Name}: {why}");
        var timeline = new Timeline(file.Name);
        why = CaptureTimeline.Read(stream, timeline);
        if (output is null) Out.Line(TimelineText.Draw(timeline, limit));
        else TimelineFile.Write(timeline, output, limit);
        return why is null ? ExitCode.Success : Out.Usage($"{file.Name}: {why}");
    }
}
