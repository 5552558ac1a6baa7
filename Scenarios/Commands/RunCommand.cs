using System.CommandLine;
using Weft.Fabric.Hw;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Sim.Explore;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Live;
using Weft.Scenarios.Runner;
using Weft.Scenarios.Timelines;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft run NAME</c>: one run of a scenario.</summary>
internal static class RunCommand
{
    private sealed record Files(FileInfo? Capture, string? CaptureAt, FileInfo? Choices, FileInfo? Timeline);

    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The scenario; `weft list` shows them." };
        var seed = CommonOptions.Seed();
        var set = CommonOptions.Set();
        var capture = CommonOptions.Capture();
        var at = new Option<string?>("--capture-at") { Description = "Host whose ports are captured.", HelpName = "host" };
        var choices = new Option<FileInfo?>("--choices") { Description = "Writes the answers to the open choices, for `weft replay`. A failing run leaves them anyway, in NAME.choices.", HelpName = "file" };
        var timeline = CommonOptions.Timeline();
        var live = new Option<bool>("--live") { Description = "Runs the steps on real links, in real time, instead of the simulator; with --link." };
        var links = new Option<string[]>("--link") { Description = "With --live: an interface for each host, all on one wire, e.g. both ends of a veth pair (needs CAP_NET_RAW).", HelpName = "eth:IFACE", DefaultValueFactory = _ => [] };
        var json = CommonOptions.Json();
        var command = new Command("run",
            "Runs a scenario once on the simulated fabric. A failing run leaves its choices, its capture and its timeline.\n\nExamples:\n"
            + "  weft run rping --capture rping.pcapng --timeline rping.svg\n  weft run rping --seed 7 --set loss=20000 --set count=100\n"
            + "  weft run login-before-established --choices login.choices\n"
            + "  weft run iser-mixed --live --link eth:veth0 --link eth:veth1 --set sessions=1") { name, seed, set, capture, at, choices, timeline, live, links, json };
        command.SetAction(parsed => parsed.GetValue(live)
            ? RunLive(parsed.GetValue(name)!, parsed.GetValue(seed), parsed.GetValue(set)!, parsed.GetValue(links)!, parsed.GetValue(capture), parsed.GetValue(timeline), parsed.GetValue(json))
            : parsed.GetValue(links)!.Length > 0 ? Out.Usage("--link goes with --live")
            : Run(parsed.GetValue(name)!, parsed.GetValue(seed), parsed.GetValue(set)!,
            new(parsed.GetValue(capture), parsed.GetValue(at), parsed.GetValue(choices), parsed.GetValue(timeline)), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string name, ulong seed, string[] assignments, Files files, bool json)
    {
        if (ScenarioCatalog.Find(name) is not { } scenario) return Out.Usage(ScenarioCatalog.Unknown(name));
        if (Settings.TryCreate(scenario.Settings, assignments, out var error) is not { } settings) return Out.Usage(error!);
        var chooser = new RecordingChooser(new SeededChooser(seed)); // answers as the seed alone would
        var drawing = DrawnRun.Make(scenario, settings, seed, chooser, files.Capture, out var result, captureAt: files.CaptureAt);
        var recorded = new ExplorationFailure(0, seed, result, chooser.Choices);
        FailureFiles? left = null;
        if (result.HasFailed) left = FailureFiles.Write(scenario, settings, recorded, files.Choices, files.Capture, files.Timeline);
        else
        {
            if (files.Choices is { } log) File.WriteAllText(log.FullName, Choices.ToLog(scenario, settings, recorded).ToString());
            if (files.Timeline is { } file) TimelineFile.Write(drawing, file);
        }
        Report.Print(scenario, settings, seed, result, new(files.Capture, files.Choices, files.Timeline, left), json);
        return result.HasPassed ? ExitCode.Success : ExitCode.Failed;
    }

    private static int RunLive(string name, ulong seed, string[] assignments, string[] links, FileInfo? capture, FileInfo? timeline, bool json)
    {
        if (ScenarioCatalog.Find(name) is not { } scenario) return Out.Usage(ScenarioCatalog.Unknown(name));
        if (Settings.TryCreate(scenario.Settings, assignments, out var error) is not { } settings) return Out.Usage(error!);
        if (LiveRunner.Refuses(scenario, settings, links) is { } reason) return Out.Usage(reason);
        using Stream stream = capture?.Open(FileMode.Create, FileAccess.ReadWrite) ?? (Stream)new MemoryStream();
        RunResult result;
        try
        {
            result = LiveRunner.Run(scenario, settings, seed, links, stream, []);
        }
        catch (LinkException e)
        {
            return Out.Usage(e.Message);
        }
        if (timeline is not null)
        {
            var drawing = new Timeline($"{scenario.Name}, live") { Subtitle = scenario.Claim };
            stream.Position = 0;
            CaptureTimeline.Read(stream, drawing);
            TimelineFile.Write(drawing, timeline);
        }
        var again = Report.ReplayLine(scenario, settings, seed) + " --live" + string.Concat(links.Select(l => $" --link {l}"));
        Report.Print(scenario, settings, seed, result, new(capture, null, timeline), json, again);
        return result.HasPassed ? ExitCode.Success : result.Rule == "interrupted" ? ExitCode.Interrupted : ExitCode.Failed;
    }
}
