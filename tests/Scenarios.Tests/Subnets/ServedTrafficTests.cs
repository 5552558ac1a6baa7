using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Weft.Scenarios.Tests.Subnets;

/// <summary>Data traffic in a subnet that the real OpenSM manages: the tools see it, and partitions decide on it.</summary>
public partial class ServedTrafficTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static string Star([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "data", "topologies", "star4.net");

    [GeneratedRegex(@": (\d+) messages of 4096 bytes, (.*?), (\d+) breaks", RegexOptions.None)]
    private static partial Regex FlowLine();

    /// <summary>How the flows fare: messages, state, breaks, in the order of their hosts.</summary>
    private static (long Messages, string State, int Breaks)[] Flows(ServedFabric fabric) =>
        [.. FlowLine().Matches(fabric.Ask("traffic")).Select(m => (long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture), m.Groups[2].Value, int.Parse(m.Groups[3].Value, CultureInfo.InvariantCulture)))];

    private static (long Messages, string State, int Breaks)[] Await(ServedFabric fabric, Predicate<(long Messages, string State, int Breaks)[]> condition)
    {
        for (var clock = Stopwatch.StartNew(); ;)
        {
            var flows = Flows(fabric);
            if (condition(flows)) return flows;
            Assert.True(clock.Elapsed < Patience, string.Join('\n', flows));
        }
    }

    private static long Counter(ServedFabric fabric, string name, int lid) =>
        long.Parse(Regex.Match(fabric.Run($"perfquery -x {lid} 1"), $@"^{name}:\.*(\d+)", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);

    private static int Violations(ServedFabric fabric, int lid) =>
        int.Parse(Regex.Match(fabric.Run($"smpquery portinfo {lid} 1"), @"^PkeyViolations:\.*(\d+)", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);

    [SubnetToolsFact]
    public void Data_flows_as_OpenSM_has_it_and_the_tools_count_it()
    {
        using var fabric = ServedFabric.Weft(Star(), "--traffic", "4");
        Assert.All(Flows(fabric), flow => Assert.Equal((0, 0), (flow.Messages, flow.Breaks)));
        fabric.BringUp();
        var before = Await(fabric, flows => flows.All(f => f.Messages > 0));
        Assert.Equal(4, before.Length);
        Assert.All(before, flow => Assert.Equal("connected", flow.State));
        var lid = int.Parse(Regex.Match(fabric.Run("smpquery -D portinfo 0,1,4 1"), @"^Lid:\.*(\d+)", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);
        var (sent, received) = (Counter(fabric, "PortXmitData", lid), Counter(fabric, "PortRcvData", lid));
        before = Flows(fabric); // after the counters, so that they grow by all that comes now
        Await(fabric, flows => flows.All(f => f.Messages > before.Max(b => b.Messages) + 50));
        // A message is 4096 bytes out, and another of its neighbour's comes in; counters are in words of four.
        Assert.True(Counter(fabric, "PortXmitData", lid) - sent > 50 * 1024);
        Assert.True(Counter(fabric, "PortRcvData", lid) - received > 50 * 1024);
        Assert.Equal(0, Violations(fabric, lid));

        // Hosts 3 and 4 become limited members: they reach full ones and not each other.
        fabric.EndManager();
        var partitions = Path.Combine(fabric.Folder.FullName, "partitions.conf");
        File.WriteAllText(partitions, "Default=0x7fff : 0x2c90300100001=full, 0x2c90300100011=full, 0x2c90300100021=limited, 0x2c90300100031=limited, ALL_SWITCHES=full ;\n");
        fabric.BringUp("-P", partitions);
        var cut = Await(fabric, flows => flows[2].Breaks > 0);
        var after = Await(fabric, flows => flows[2].Breaks > cut[2].Breaks + 1 && new[] { 0, 1, 3 }.All(i => flows[i].Messages > cut[i].Messages + 50));
        Assert.Equal((cut[2].Messages, "RetryExceeded"), (after[2].Messages, after[2].State));
        Assert.All(new[] { 0, 1, 3 }, i => Assert.StartsWith("connected", after[i].State, StringComparison.Ordinal));
        Assert.True(Violations(fabric, lid) > 0);
        fabric.Manager.WaitFor("num:257 (Bad P_Key)"); // the trap of the port that stopped them
    }

    [Theory]
    [InlineData("--traffic takes 1 to", "--traffic", "-1")]
    [InlineData("--traffic-size is 1 to", "--traffic", "2", "--traffic-size", "0")]
    [InlineData("--traffic-rate is 1 to", "--traffic", "2", "--traffic-rate", "0")]
    [InlineData("--record cannot hold data traffic", "--traffic", "2", "--record", "x.rec")]
    public void What_does_not_fit_is_named(string problem, params string[] options)
    {
        var (exit, _, error) = WeftProgram.Run(["subnet", "serve", Star(), .. options]);
        Assert.Equal(2, exit);
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }
}
