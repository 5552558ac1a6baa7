using System.Diagnostics;
using System.Threading;

namespace Weft.Live.Tests.Lab;

/// <summary>
/// Two network namespaces joined by a veth pair, each with an address of its host's own: 10.77.0.1 and fd77::1 in A, .2 and ::2 in B, on interface v.
/// Needs root; everything goes with it.
/// </summary>
internal sealed class VethPair : IDisposable
{
    public const string Interface = "v";
    private static int count;
    private readonly string[] names;
    private readonly TempFolder folder = new();
    private int captures;

    public VethPair(int mtu = 1500)
    {
        var id = $"weft{Environment.ProcessId}x{Interlocked.Increment(ref count)}";
        names = [id + "a", id + "b"];
        foreach (var name in names) Run("ip", "netns", "add", name);
        Run("ip", "link", "add", Interface, "netns", names[0], "type", "veth", "peer", "name", Interface, "netns", names[1]);
        for (var i = 0; i < 2; i++)
        {
            In(i, "ip", "addr", "add", $"{Address(i)}/24", "dev", Interface);
            In(i, "ip", "addr", "add", $"{IPv6(i)}/64", "dev", Interface, "nodad");
            In(i, "ip", "link", "set", "lo", "up");
            In(i, "ip", "link", "set", Interface, "mtu", $"{mtu}", "up");
        }
    }

    public static string? WhyNot { get; } =
        !OperatingSystem.IsLinux() ? "network namespaces exist on Linux only"
        : !Environment.IsPrivilegedProcess ? "making network namespaces needs root"
        : null;

    public static string Address(int side) => $"10.77.0.{side + 1}";
    public static string IPv6(int side) => $"fd77::{side + 1}";

    /// <summary>Our program in one of the namespaces, on the interface.</summary>
    public WeftProcess Weft(int side, params string[] arguments) => Start(side, [], WeftProcess.Weft, [.. arguments, "--link", $"eth:{Interface}"]);

    /// <summary>Another program with our command line, in one of the namespaces.</summary>
    /// <param name="prefix">A command that runs another in its own place.</param>
    /// <param name="program">Its assembly.</param>
    public WeftProcess Start(int side, string[] prefix, string program, params string[] arguments) =>
        new(["ip", "netns", "exec", names[side], .. prefix], program, folder.File($"{++captures}.pcapng"), arguments);

    /// <summary>Runs a command in one of the namespaces; returns its output.</summary>
    public string In(int side, params string[] command) => Run("ip", ["netns", "exec", names[side], .. command]);

    /// <summary>ICMP and ICMPv6 "destination unreachable" that the host's stack of a side has sent.</summary>
    public int Unreachables(int side)
    {
        var ipv4 = In(side, "cat", "/proc/net/snmp").Split('\n').Where(l => l.StartsWith("Icmp:", StringComparison.Ordinal)).Select(l => l.Split(' ')).ToList();
        var ipv6 = In(side, "cat", "/proc/net/snmp6").Split('\n').First(l => l.StartsWith("Icmp6OutDestUnreachs", StringComparison.Ordinal)).Split(' ', '\t');
        return int.Parse(ipv4[1][Array.IndexOf(ipv4[0], "OutDestUnreachs")], null) + int.Parse(ipv6[^1], null);
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors.Result}");
    }

    public void Dispose()
    {
        foreach (var name in names) Run("ip", "netns", "del", name);
        folder.Dispose();
    }
}

