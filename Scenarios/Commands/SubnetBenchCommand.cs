using System.CommandLine;
using System.Globalization;
using Weft.Scenarios.Bench;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft subnet bench</c>: our fabric server beside ibsim.</summary>
internal static class SubnetBenchCommand
{
    public static Command Create()
    {
        var hosts = new Argument<int[]>("hosts") { Description = "Fat trees by their hosts: 108, 504, 1152, 2048, 11664.", DefaultValueFactory = _ => [1152, 2048] };
        var runs = new Option<int>("--runs") { Description = "How often each is measured, by turns. Of the half from which the machine's host stole least the median counts.", DefaultValueFactory = _ => 3, HelpName = "number" };
        var json = CommonOptions.Json();
        var command = new Command("bench",
            "Runs the real OpenSM against this program and against ibsim, side by side: time to SUBNET UP, processor time of the server for each\n"
            + "request, and their ratios. The tree of 11,664 hosts takes minutes.\n\nExamples:\n  weft subnet bench\n  weft subnet bench 11664 --runs 1 --json") { hosts, runs, json };
        command.SetAction(parsed =>
        {
            var sizes = parsed.GetValue(hosts)!;
            if (sizes.FirstOrDefault(h => SubnetBench.Tree(h) is null) is var unknown and not 0) return Out.Usage($"there is no tree of {unknown} hosts; there are 108, 504, 1152, 2048 and 11664");
            if (parsed.GetValue(runs) is not (>= 1 and <= 100)) return Out.Usage("--runs takes 1 to 100");
            try
            {
                Run(sizes, parsed.GetValue(runs), parsed.GetValue(json));
                return ExitCode.Success;
            }
            catch (System.ComponentModel.Win32Exception e)
            {
                return Out.Usage($"{e.Message}; install {string.Join(", ", SubnetBench.Needed)} (Debian: apt install opensm ibsim-utils libumad2sim0 infiniband-diags)");
            }
            catch (InvalidOperationException e)
            {
                return Out.Usage(e.Message);
            }
        });
        return command;
    }

    private static void Run(int[] sizes, int runs, bool json)
    {
        using var bench = new SubnetBench();
        var middles = new List<(SweepMeasurement Ours, SweepMeasurement Theirs)>();
        foreach (var size in sizes)
        {
            var all = new List<SweepMeasurement>();
            for (var run = 0; run < runs; run++)
                foreach (var server in (string[])(run % 2 == 0 ? ["ibsim", "weft"] : ["weft", "ibsim"])) // who follows whom is no advantage of one
                    all.Add(Progress.While(() => bench.Run(server, size), () => $"{server}, {size} hosts, run {run + 1} of {runs}"));
            middles.Add((Middle("weft"), Middle("ibsim")));
            SweepMeasurement Middle(string server) => SweepMeasurement.Middle([.. all.Where(m => m.Server == server)]);
        }
        if (json)
        {
            Out.Json(middles.Select(b => new { b.Ours.Hosts, Weft = b.Ours, Ibsim = b.Theirs, TimeRatio = b.Ours.Seconds / b.Theirs.Seconds, CpuRatio = b.Ours.MicrosecondsPerRequest / b.Theirs.MicrosecondsPerRequest }));
            return;
        }
        Out.Table(["HOSTS", "SERVER", "TO SUBNET UP", "REQUESTS", "CPU PER REQUEST", "CPU OF OPENSM", "PEAK MEMORY", "STOLEN"], middles.SelectMany(b => new[] { Row(b.Theirs), Row(b.Ours), Ratios(b.Ours, b.Theirs) }));
        Out.Line();
        Out.Line("Medians of those runs from which the host of this machine took least (STOLEN). Ratios below 1: weft needs less.");
    }

    private static string[] Row(SweepMeasurement m) =>
        [$"{m.Hosts}", m.Server, $"{Text(m.Seconds)} s", $"{m.Requests}", $"{Text(m.MicrosecondsPerRequest)} us", $"{Text(m.ManagerCpu)} s", $"{Text(m.PeakMib)} MiB", $"{Text(m.Stolen)} s"];

    private static string[] Ratios(SweepMeasurement ours, SweepMeasurement theirs) =>
        ["", "ratio", Text(ours.Seconds / theirs.Seconds), "", Text(ours.MicrosecondsPerRequest / theirs.MicrosecondsPerRequest), Text(ours.ManagerCpu / theirs.ManagerCpu), Text(ours.PeakMib / theirs.PeakMib), ""];

    private static string Text(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
