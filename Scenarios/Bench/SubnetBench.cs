#pragma warning disable RS0030 // times real programs against each other; nothing simulated depends on it
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Subnet.Topologies;
using Weft.Scenarios.Commands;

namespace Weft.Scenarios.Bench;

/// <summary>
/// Runs the real OpenSM against our fabric server and against ibsim on the same topology, one after the other, in processes of their own.
/// </summary>
internal sealed partial class SubnetBench : IDisposable
{
    private const double TicksPerSecond = 100; // USER_HZ of Linux
    /// <summary>
    /// Between a server's start and OpenSM's. Ours has just compiled itself, ibsim has done nothing: a host that meters its guests would let OpenSM pay for that.
    /// </summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("weft-subnet-bench");

    /// <summary>Programs that are needed.</summary>
    public static readonly string[] Needed = ["opensm", "ibsim", "ibsim-run", "perfquery"];

    /// <summary>Fat trees by their number of hosts.</summary>
    public static IbSubnet? Tree(int hosts) => hosts switch
    {
        108 => TopologyGenerator.TwoLevelFatTree(6, 18, 3, 36, LinkRate.Edr4X),
        504 => TopologyGenerator.TwoLevelFatTree(28, 18, 18, 36, LinkRate.Edr4X),
        1152 => TopologyGenerator.TwoLevelFatTree(48, 24, 24, 48, LinkRate.Edr4X),
        2048 => TopologyGenerator.TwoLevelFatTree(64, 32, 32, 64, LinkRate.Edr4X),
        11664 => TopologyGenerator.ThreeLevelFatTree(36, LinkRate.Edr4X),
        _ => null,
    };

    /// <param name="server">weft or ibsim.</param>
    /// <exception cref="InvalidOperationException">A program failed.</exception>
    public SweepMeasurement Run(string server, int hosts)
    {
        var net = Path.Combine(folder.FullName, $"{hosts}.net");
        if (!File.Exists(net)) File.WriteAllText(net, TopologyWriter.ToText(Tree(hosts)!));
        var name = $"weft-bench-{Environment.ProcessId}";
        using var fabric = server == "weft"
            ? Start(name, Environment.ProcessPath!, [.. OwnAssembly(), "subnet", "serve", net, "--name", name, "--no-console"])
            : Start(name, "ibsim", ["-s", "-n", "-N", "40000", "-S", "4000", "-P", "400000", net]);
        Process? manager = null;
        try
        {
            WaitFor(fabric, server == "weft" ? "serving" : "simulator ready");
            Thread.Sleep(Settling);
            var (before, stolen) = (CpuSeconds(fabric), StolenSeconds());
            var clock = new WallClock();
            manager = Start(name, "ibsim-run", ["opensm", "-d", "2", "-f", "stdout"]);
            WaitFor(manager, "SUBNET UP");
            var seconds = clock.Seconds;
            var (cpu, managerCpu, peak, lost) = (CpuSeconds(fabric) - before, CpuSeconds(manager), PeakMib(fabric), StolenSeconds() - stolen);
            return new(server, hosts, seconds, Requests(name), cpu, managerCpu, peak, lost);
        }
        finally
        {
            if (manager is not null) End(manager);
            End(fabric);
        }
    }

    private static string[] OwnAssembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(SubnetBench).Assembly.Location] : [];

    private Process Start(string name, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true,
        };
        start.Environment["IBSIM_SOCKNAME"] = name;
        start.Environment["PATH"] += ":/usr/sbin";
        (start.Environment["OSM_CACHE_DIR"], start.Environment["OSM_TMP_DIR"]) = (folder.FullName + "/", folder.FullName + "/");
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} cannot be started");
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    private static void WaitFor(Process process, string text)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.Contains(text, StringComparison.Ordinal)) continue;
            _ = process.StandardOutput.ReadToEndAsync(); // a full pipe would stop it
            return;
        }
        throw new InvalidOperationException($"{process.StartInfo.FileName} ended before it printed '{text}'");
    }

    private long Requests(string name)
    {
        using var query = Start(name, "ibsim-run", ["perfquery", "-x", "1", "1"]);
        var text = query.StandardOutput.ReadToEnd();
        query.WaitForExit();
        return SentPackets().Match(text) is { Success: true } match ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException("perfquery does not tell how many packets the manager's port has sent");
    }

    [GeneratedRegex(@"^PortXmitPkts:\.*(\d+)", RegexOptions.Multiline)]
    private static partial Regex SentPackets();

    /// <summary>User and system time of a process, from its stat file: the fields 14 and 15, behind the name in parentheses.</summary>
    private static double CpuSeconds(Process process)
    {
        var stat = File.ReadAllText($"/proc/{process.Id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>What the host of a virtual machine kept for others while one of our processors had something to run: the eighth figure of all of them.</summary>
    private static double StolenSeconds() =>
        long.Parse(File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[8], CultureInfo.InvariantCulture) / TicksPerSecond;

    private static double PeakMib(Process process)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }

    private static void End(Process process)
    {
        if (!process.HasExited)
        {
            using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            kill.WaitForExit();
            if (!process.WaitForExit(10_000)) process.Kill();
        }
        process.WaitForExit();
        process.Dispose();
    }

    public void Dispose() => folder.Delete(recursive: true);
}
