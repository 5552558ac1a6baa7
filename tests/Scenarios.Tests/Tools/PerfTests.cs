using System.Net;
using System.Net.Sockets;
using System.Threading;
using Weft.Fabric.Verbs;
using Weft.Scenarios.Tools.Perf;

namespace Weft.Scenarios.Tests.Tools;

/// <summary>perf's client against its server, without a guest. That both speak as perftest does is for the live tests.</summary>
public class PerfTests
{
    public static TheoryData<string, bool, bool> Programs()
    {
        var data = new TheoryData<string, bool, bool>();
        foreach (var verb in Enum.GetNames<PerfVerb>())
            foreach (var isLatency in new[] { false, true })
                foreach (var useCm in new[] { false, true }) data.Add(verb, isLatency, useCm);
        return data;
    }

    [Theory, MemberData(nameof(Programs))]
    public void Every_program_runs_to_its_end_and_gives_everything_back(string verb, bool isLatency, bool useCm)
    {
        using var pair = new LinkedPair();
        var options = Options(Enum.Parse<PerfVerb>(verb), isLatency) with { UseCm = useCm, Iterations = 300, QueuePairs = isLatency ? 1 : 3, ReceiveDepth = 40 };
        var (client, _) = Measure(pair, options);
        if (isLatency)
        {
            var line = Assert.Single(client.Latencies);
            Assert.True(line is { Size: 3000 or 8, Iterations: 300 } && line.Least > 0 && line.Least <= line.Typical && line.Typical <= line.Percentile99 && line.Percentile99 <= line.Most, line.ToString());
        }
        else
        {
            var line = Assert.Single(client.Bandwidths);
            Assert.Equal(900, line.Iterations);
            Assert.True(line.Average > 0 && line.Peak >= line.Average * 0.999, line.ToString());
        }
    }

    [Theory]
    [InlineData("Send", false, QpType.UnreliableConnected)]
    [InlineData("Send", true, QpType.UnreliableConnected)]
    [InlineData("Write", false, QpType.UnreliableConnected)]
    [InlineData("Write", true, QpType.UnreliableConnected)]
    [InlineData("Send", false, QpType.UnreliableDatagram)]
    [InlineData("Send", true, QpType.UnreliableDatagram)]
    public void Without_acknowledgements_too_every_program_runs_to_its_end(string verb, bool isLatency, QpType transport)
    {
        using var pair = new LinkedPair();
        var (client, _) = Measure(pair, Options(Enum.Parse<PerfVerb>(verb), isLatency) with { Transport = transport, ReceiveDepth = 100, QueuePairs = isLatency ? 1 : 3 });
        if (isLatency) Assert.Equal(100, Assert.Single(client.Latencies).Iterations);
        else Assert.Equal(300, Assert.Single(client.Bandwidths).Iterations);
    }

    [Fact]
    public void Datagrams_over_all_sizes_end_at_the_path_MTU_and_a_size_beyond_it_is_refused()
    {
        using var pair = new LinkedPair();
        var options = Options(PerfVerb.Send, false) with { Transport = QpType.UnreliableDatagram, ReceiveDepth = 10, Iterations = 10, TransmitDepth = 5, Size = 1 << 23, Mtu = PathMtu.Mtu1024 };
        var (client, _) = Measure(pair, options with { AllSizes = true, IsSizeFree = true });
        Assert.Equal(Enumerable.Range(1, 10).Select(i => 1L << i), client.Bandwidths.Select(b => b.Size));
        Assert.Contains("1024", Assert.Throws<IOException>(() => options.Within(PathMtu.Mtu1024)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Over_all_sizes_each_size_has_its_line_on_both_sides()
    {
        using var pair = new LinkedPair();
        var (client, server) = Measure(pair, Options(PerfVerb.Send, false) with { AllSizes = true, Iterations = 5, TransmitDepth = 5, ReceiveDepth = 5, Size = 1 << 23 });
        Assert.Equal(Enumerable.Range(1, 23).Select(i => 1L << i), client.Bandwidths.Select(b => b.Size));
        Assert.Equal(client.Bandwidths.Select(b => b.Size), server.Bandwidths.Select(b => b.Size));
    }

    [Theory, InlineData("Send"), InlineData("Write"), InlineData("Read")]
    public void Both_ways_the_rates_of_both_sides_are_added(string verb)
    {
        using var pair = new LinkedPair();
        var (client, server) = Measure(pair, Options(Enum.Parse<PerfVerb>(verb), false) with { IsBidirectional = true, ReceiveDepth = 30 });
        Assert.Equal(Assert.Single(client.Bandwidths).Average, Assert.Single(server.Bandwidths).Average, 1e-6);
    }

    [Theory, InlineData("Send", false), InlineData("Write", true), InlineData("Atomic", false)]
    public void By_time_what_was_done_in_the_middle_is_counted(string verb, bool isLatency)
    {
        using var pair = new LinkedPair();
        var (client, _) = Measure(pair, Options(Enum.Parse<PerfVerb>(verb), isLatency) with { Seconds = 1, Iterations = 0, FindPeak = false });
        if (isLatency) Assert.True(Assert.Single(client.Latencies).PerSecond > 0);
        else Assert.True(Assert.Single(client.Bandwidths).Iterations > 0);
    }

    [Theory, InlineData("Send"), InlineData("Write"), InlineData("Read")]
    public void A_message_allocates_nothing(string verb)
    {
        const int Turns = 200;
        using var pair = new LinkedPair();
        var (turns, least, before) = (0, long.MaxValue, GC.GetAllocatedBytesForCurrentThread());
        Measure(pair, Options(Enum.Parse<PerfVerb>(verb), false) with { Iterations = 20_000, FindPeak = false, ReceiveDepth = 512, UseCm = true }, () =>
        {
            if (++turns % Turns != 0) return;
            var now = GC.GetAllocatedBytesForCurrentThread();
            if (turns > Turns) least = Math.Min(least, now - before); // the least of several stretches: the runtime allocates when it compiles anew
            before = GC.GetAllocatedBytesForCurrentThread();
        });
        Assert.True(turns > 3 * Turns, $"only {turns} turns");
        Assert.Equal(0, least);
    }

    private static PerfOptions Options(PerfVerb verb, bool isLatency) => new()
    {
        Verb = verb, IsLatency = isLatency, IsClient = true, Size = verb == PerfVerb.Atomic ? 8 : 3000, Iterations = 100, TransmitDepth = isLatency ? 1 : 16, CqModeration = 7,
        Mtu = PathMtu.Mtu4096, GidIndex = 1, OutstandingReads = 8,
    };

    private static (PerfRun Client, PerfRun Server) Measure(LinkedPair pair, PerfOptions options, Action? everyTurn = null)
    {
        var server = new PerfRun(pair.A, options with { IsClient = false }, null);
        var client = new PerfRun(pair.B, options, null);
        var port = options.UseCm ? PerfOptions.DefaultPort : FreePort();
        pair.Run(() => server.RunAsync(options.UseCm ? null : "127.0.0.1", port, CancellationToken.None),
            () => client.RunAsync(options.UseCm ? "10.0.0.1" : "127.0.0.1", port, CancellationToken.None), everyTurn);
        server.Close();
        client.Close();
        for (var i = 0; i < 50; i++) pair.Turn();
        Assert.Equal(default, pair.A.Device.Resources);
        Assert.Equal(default, pair.B.Device.Resources);
        return (client, server);
    }

    private static ushort FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (ushort)((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
