using System.Diagnostics;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Tests.Subnets;

/// <summary>A fabric that is served to real management programs: ours, or ibsim's for comparison.</summary>
internal sealed class ServedFabric : IDisposable
{
    private const int SegmentationFault = 139, MostAttempts = 4;
    private static int served;
    private readonly string name = $"weft-test-{Environment.ProcessId}-{Interlocked.Increment(ref served)}";
    private readonly int? udpPort;
    private LoggedProcess? manager;

    private ServedFabric(bool isIbsim, string topology, string[] options, int? udpPort = null)
    {
        this.udpPort = udpPort;
        Server = new(isIbsim
            ? Start("ibsim", ["-s", "-n", "-N", "40000", "-S", "4000", "-P", "400000", topology])
            : Start("dotnet", [typeof(Scenario).Assembly.Location, "subnet", "serve", topology, "--name", name, .. options]));
        Server.WaitFor(isIbsim ? "simulator ready" : "serving");
    }

    public static ServedFabric Weft(string topology, params string[] options) => new(false, topology, options);

    /// <summary>Ours, over UDP on ports from this one on.</summary>
    public static ServedFabric WeftUdp(string topology, int port) => new(false, topology, ["--udp-port", $"{port}"], port);

    public static ServedFabric Ibsim(string topology) => new(true, topology, []);

    public LoggedProcess Server { get; }
    public LoggedProcess Manager => manager ?? throw new InvalidOperationException("OpenSM has not been started");
    /// <summary>A folder of its own: the preload library writes below it.</summary>
    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("weft-subnet");

    /// <summary>Starts OpenSM and waits until it has brought the subnet up.</summary>
    public void BringUp(params string[] options) => StartManager("SUBNET UP", options);

    /// <summary>Starts OpenSM and waits until it prints something.</summary>
    public void StartManager(string sign, params string[] options)
    {
        manager = new(Start("ibsim-run", ["opensm", "-d", "2", "-f", "stdout", .. options]));
        Manager.WaitFor(sign);
    }

    /// <summary>Ends OpenSM while the fabric is still there: it says goodbye to it.</summary>
    public void EndManager()
    {
        Manager.End("INT");
        Manager.Dispose();
        manager = null;
    }

    /// <summary>
    /// Runs a program on the fabric to its end; returns what it printed, its exit code behind it. The preload library has a race of its own: on
    /// ibsim as here about one run in a hundred of ibqueryerrors ends with a segmentation fault, more on a busy machine; such a run is repeated.
    /// </summary>
    /// <param name="host">Node that it runs on; null: the first one, where OpenSM is.</param>
    public string Run(string command, string? host = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = RunOnce(command, host);
            if (attempt == MostAttempts || !answer.EndsWith($"exit code {SegmentationFault}\n", StringComparison.Ordinal)) return answer;
        }
    }

    private string RunOnce(string command, string? host)
    {
        var start = Start("ibsim-run", command.Split(' '));
        if (host is not null) start.Environment["SIM_HOST"] = host;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return $"{output}exit code {process.ExitCode}\n";
    }

    /// <summary>Sends a line to the console of our server.</summary>
    public string Ask(string line)
    {
        var (code, output, error) = WeftProgram.Run("subnet", "ctl", "--name", name, line);
        Assert.True(code == 0, error);
        return output;
    }

    private ProcessStartInfo Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["IBSIM_SOCKNAME"] = name;
        if (udpPort is { } port) (start.Environment["IBSIM_SERVER_NAME"], start.Environment["IBSIM_SERVER_PORT"]) = ("127.0.0.1", $"{port}");
        start.Environment["PATH"] += ":/usr/sbin";
        (start.Environment["OSM_CACHE_DIR"], start.Environment["OSM_TMP_DIR"]) = (Folder.FullName + "/", Folder.FullName + "/");
        return start;
    }

    public void Dispose()
    {
        if (manager is not null) EndManager();
        Server.Dispose();
        Folder.Delete(recursive: true);
    }
}
