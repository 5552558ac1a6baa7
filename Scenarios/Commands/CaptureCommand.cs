using System.CommandLine;
using Weft.Scenarios.Captures;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft capture</c>: checks and shows capture files.</summary>
internal static class CaptureCommand
{
    public static Command Create() => new("capture",
        "Checks captures (pcap, pcapng) of RoCE, CM, iSER and SRP, and shows them message by message.\n\nExamples:\n"
        + "  weft capture check target.pcapng\n  weft capture show target.pcapng --filter Login\n  weft capture timeline target.pcapng --output target.svg") { CreateCheck(), CreateShow(), CaptureTimelineCommand.Create() };

    private static Command CreateCheck()
    {
        var files = new Argument<FileInfo[]>("file") { Description = "Capture files.", Arity = ArgumentArity.OneOrMore };
        var noRules = new Option<bool>("--no-rules") { Description = "Check each frame for itself only, not what one demands of the next." };
        var allowDamaged = new Option<bool>("--allow-damaged") { Description = "Frames with a wrong ICRC or checksum are named, but are no reason to fail." };
        var complete = new Option<bool>("--complete") { Description = "The capture misses nothing: what it does not show did not happen." };
        var notes = new Option<bool>("--notes") { Description = "Print also what was merely not seen: losses, captures that start late." };
        var json = CommonOptions.Json();
        var command = new Command("check",
            "Checks that every RoCE, CM, iSER, iSCSI-in-iSER and SRP frame parses, verifies and is written back to the same bytes, and that\n"
            + "the rules from frame to frame hold: PSNs, acknowledgements, windows, credits, keys. Exit code 1 when something is wrong,\n"
            + "2 when a file cannot be read.\n\nExamples:\n  weft capture check *.pcap\n  weft capture check --allow-damaged lossy.pcapng\n"
            + "  weft capture check --no-rules --json target.pcapng") { files, noRules, allowDamaged, complete, notes, json };
        command.SetAction(parsed =>
        {
            var reports = new List<CaptureReport>();
            foreach (var file in parsed.GetValue(files)!) reports.Add(CaptureFile.Check(file, !parsed.GetValue(noRules), parsed.GetValue(complete)));
            if (parsed.GetValue(json)) Out.Json(reports.Select(CaptureReportText.Document));
            else CaptureReportText.Print(reports, parsed.GetValue(notes));
            if (reports.Exists(r => r.Unreadable is not null)) return ExitCode.Usage;
            return reports.Exists(r => r.HasProblems(parsed.GetValue(allowDamaged))) ? ExitCode.Failed : ExitCode.Success;
        });
        return command;
    }

    private static Command CreateShow()
    {
        var file = new Argument<FileInfo>("file") { Description = "A capture file." };
        var filter = new Option<string?>("--filter") { Description = "Only lines that contain this text, in whatever case.", HelpName = "text" };
        var qp = new Option<string?>("--qp") { Description = "Only packets of this queue pair's connection, 18 or 0x12.", HelpName = "number" };
        var message = new Option<bool>("--message") { Description = "Only messages of the CM and the upper layers: no acknowledgements, no RDMA." };
        var from = new Option<int>("--from") { Description = "Begin with this frame.", HelpName = "frame" };
        var limit = new Option<int?>("--limit") { Description = "End after so many lines.", HelpName = "lines" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object per line." };
        var command = new Command("show",
            "Shows a capture, one line per message: frame, seconds, source and destination, queue pair, PSNs, and what it says.\n\nExamples:\n"
            + "  weft capture show target.pcapng --message\n  weft capture show target.pcapng --filter \"SCSI Response\" --limit 20\n"
            + "  weft capture show target.pcapng --qp 0x12 --from 400 | less") { file, filter, qp, message, from, limit, json };
        command.SetAction(parsed =>
        {
            uint? number = null;
            if (parsed.GetValue(qp) is { } text && !TryParseQp(text, out number)) return Out.Usage($"'{text}' is no queue pair number, 0 to 0xffffff");
            if (parsed.GetValue(limit) < 1) return Out.Usage("--limit wants at least one line");
            var wanted = parsed.GetValue(filter);
            var (first, onlyMessages, left) = (parsed.GetValue(from), parsed.GetValue(message), parsed.GetValue(limit) ?? int.MaxValue);
            bool Wants(ShownMessage m) => m.Frame >= first && (!onlyMessages || m.IsMessage)
                && (number is null || m.QueuePair?.Value == number || m.PeerQueuePair?.Value == number)
                && (wanted is null || m.Line.Contains(wanted, StringComparison.OrdinalIgnoreCase));
            return Show(parsed.GetValue(file)!, Wants, left, parsed.GetValue(json));
        });
        return command;
    }

    private static int Show(FileInfo file, Func<ShownMessage, bool> wants, int left, bool json)
    {
        using var stream = CaptureFile.TryOpen(file, out var why);
        if (stream is null) return Out.Usage($"{file.Name}: {why}");
        using var output = new StreamWriter(Console.OpenStandardOutput(), new System.Text.UTF8Encoding(false), 1 << 16);
        try
        {
            why = CaptureShow.Run(stream, message =>
            {
                if (!wants(message)) return true;
                output.WriteLine(json ? System.Text.Json.JsonSerializer.Serialize(message.Document, Lines) : message.Line);
                return --left > 0;
            });
            output.Flush();
        }
        catch (IOException)
        {
            return ExitCode.Success; // whoever reads from the pipe has seen enough
        }
        return why is null ? ExitCode.Success : Out.Usage($"{file.Name}: {why}");
    }

    private static bool TryParseQp(string text, out uint? number)
    {
        var isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var ok = uint.TryParse(isHex ? text[2..] : text, isHex ? System.Globalization.NumberStyles.HexNumber : System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture, out var value) && value <= 0xFF_FFFF;
        number = value;
        return ok;
    }

    private static readonly System.Text.Json.JsonSerializerOptions Lines = new()
    {
        PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
