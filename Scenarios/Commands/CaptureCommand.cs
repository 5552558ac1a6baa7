using System.CommandLine;
using Weft.Scenarios.Captures;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft capture</c>: checks and shows capture files.</summary>
internal static class CaptureCommand
{
    public static Command Create() => new("capture",
        "Checks captures (pcap, pcapng) of RoCE, CM, iSER and SRP, and shows them message by message.\n\nExamples:\n"
        + "  weft capture check target.pcapng\n  weft capture show target.pcapng --filter Login") { CreateCheck() };

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
}
