using System.Diagnostics;
using System.Threading;

namespace Weft.Live.Tests.Lab;

/// <summary>A network namespace with interfaces on one bridge, for a program that is several hosts at once. Needs root; everything goes with it.</summary>
internal sealed class HostsOnABridge : IDisposable
{
    private static int count;
    private readonly string name = $"wefth{Environment.ProcessId}x{Interlocked.Increment(ref count)}";

    public HostsOnABridge(int hosts, int mtu)
    {
        Run("ip", "netns", "add", name);
        Run("ip", "-n", name, "link", "add", "br0", "type", "bridge");
        Run("ip", "-n", name, "link", "set", "br0", "up");
        for (var i = 0; i < hosts; i++)
        {
            Run("ip", "-n", name, "link", "add", $"h{i}", "mtu", $"{mtu}", "type", "veth", "peer", "name", $"p{i}", "mtu", $"{mtu}");
            Run("ip", "-n", name, "link", "set", $"p{i}", "master", "br0", "up");
            Run("ip", "-n", name, "link", "set", $"h{i}", "up");
        }
        Links = [.. Enumerable.Range(0, hosts).SelectMany(i => new[] { "--link", $"eth:h{i}" })];
    }

    public static string? WhyNot { get; } =
        !OperatingSystem.IsLinux() ? "network namespaces exist on Linux only"
        : !Environment.IsPrivilegedProcess ? "making network namespaces needs root"
        : null;

    /// <summary>Options for the program: a link for each host.</summary>
    public IReadOnlyList<string> Links { get; }

    /// <summary>Runs a program in the namespace.</summary>
    public (int ExitCode, string Output) In(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", name, .. command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}");
    }

    public void Dispose() => Run("ip", "netns", "del", name);
}
