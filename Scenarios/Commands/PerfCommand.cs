using System.CommandLine;
using System.Threading;
using Weft.Fabric.Hw;
using Weft.Fabric.Verbs;
using Weft.Scenarios.Live;
using Weft.Scenarios.Tools;
using Weft.Scenarios.Tools.Perf;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft perf</c>: perftest's programs over a real link, with their options and output.</summary>
internal static class PerfCommand
{
    private const string Link = "--link eth:veth0 --address 10.9.0.1/24";

    public static Command Create()
    {
        var command = new Command("perf",
            "Measures bandwidth and latency as perftest's ib_send_bw, ib_write_lat and so on do, against those programs (version 5.70 on) or another weft. HOST is the\n"
            + "server's TCP address on the hosts' own network; with -R it is its RDMA address, and there is no TCP.\n\nExamples:\n"
            + $"  weft perf write_bw {Link}\n"
            + $"  weft perf write_bw 192.168.1.7 -s 1048576 -n 1000 {Link}\n"
            + $"  weft perf read_lat 10.9.0.12 -R {Link}");
        foreach (var verb in Enum.GetValues<PerfVerb>())
        {
            command.Subcommands.Add(new PerfCommandOptions(verb, isLatency: false).Command);
            command.Subcommands.Add(new PerfCommandOptions(verb, isLatency: true).Command);
        }
        return command;
    }

    public static int Run(LiveOptions live, ParseResult parsed, Func<LiveDevice, PerfOptions> read, string? host, ushort port, bool json)
    {
        try
        {
            using var device = live.Open(parsed);
            var options = read(device);
            var run = new PerfRun(device, options, json ? null : new PerfPrinter(options, device.Device.Attributes.Name));
            return LiveTask.Run(device, cancel => RunAsync(run, host, port, json, cancel), () => { run.Close(); return Task.CompletedTask; });
        }
        catch (Exception e) when (e is LinkException or VerbsException or FormatException or UnauthorizedAccessException)
        {
            return Out.Usage(e.Message);
        }
        catch (IOException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Failed;
        }
    }

    private static async Task<int> RunAsync(PerfRun run, string? host, ushort port, bool json, CancellationToken cancel)
    {
        await run.RunAsync(host, port, cancel);
        if (!json) return ExitCode.Success;
        if (run.Latencies.Count > 0) Out.Json(run.Latencies);
        else Out.Json(run.Bandwidths.Select(b => new { b.Size, b.Iterations, b.Peak, b.Average, MegaMessagesPerSecond = b.MessageRate }));
        return ExitCode.Success;
    }
}
