using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>perftest in the guest against ours, both ways, over TCP and through the RDMA CM.</summary>
[Collection(GuestCollection.Name)]
public class PerfTests(SharedGuest shared)
{
    /// <summary>
    /// An ACK timeout of 4 s for both: an emulated guest on a busy machine answers late, and soft RoCE does not survive many retries (it sends
    /// empty packets in the place of data).
    /// </summary>
    private const string Patient = " -F -u 20";

    [LiveTheory]
    [InlineData("send_bw", "-s 16384 -n 100 -t 16 -r 64 -q 2", "-s 700 -n 200 -r 50 -e")]
    [InlineData("write_bw", "-s 32768 -n 50 -t 8", "-s 100 -n 500 -q 3 -b")]
    [InlineData("read_bw", "-s 16384 -n 50 -t 8 -o 4", "-s 64 -n 200 -e")]
    [InlineData("atomic_bw", "-n 100 -t 8 -A CMP_AND_SWAP", "-n 100 -A FETCH_AND_ADD -o 2")]
    [InlineData("send_lat", "-s 64 -n 100", "-s 4000 -n 50 -r 20")]
    [InlineData("write_lat", "-s 64 -n 100", "-s 3000 -n 50")]
    [InlineData("read_lat", "-s 64 -n 100", "-s 3000 -n 50 -e")]
    [InlineData("atomic_lat", "-n 100 -A CMP_AND_SWAP", "-n 50")]
    public void Perftest_and_we_measure_each_other(string test, string options, string others)
    {
        var guest = shared.Fresh();
        guest.Run(Guest.SideNetwork);
        GuestIsClient(guest, test, options + Patient, useCm: false);
        GuestIsClient(guest, test, others + Patient, useCm: true);
        GuestIsServer(guest, test, others + Patient, useCm: false);
        GuestIsServer(guest, test, options + Patient, useCm: true);
    }

    /// <summary>
    /// Unreliable connections and datagrams: a message that is lost stays lost, so as many receives are posted as messages come, and only
    /// the wire's own order and patience keep them whole.
    /// </summary>
    [LiveTheory]
    [InlineData("send_bw", "-c UC -s 5000 -n 200 -t 16 -r 200 -q 2")]
    [InlineData("send_bw", "-c UD -s 1000 -n 300 -t 16 -q 2")]
    [InlineData("send_bw", "-c UD -b -n 200")]
    [InlineData("send_lat", "-c UC -s 3000 -n 100")]
    [InlineData("send_lat", "-c UD -s 64 -n 100 -e")]
    [InlineData("write_bw", "-c UC -s 32768 -n 100 -t 8")]
    [InlineData("write_lat", "-c UC -s 64 -n 100")]
    public void Perftest_and_we_measure_each_other_without_acknowledgements(string test, string options)
    {
        var guest = shared.Fresh();
        guest.Run(Guest.SideNetwork);
        GuestIsClient(guest, test, options + " -F", useCm: false);
        var capture = GuestIsServer(guest, test, options + " -F", useCm: false);
        Assert.Equal("", Tshark.Run(capture, "infiniband.aeth"));
        Assert.NotEqual("", Tshark.Run(capture, options.Contains("UD", StringComparison.Ordinal) ? "infiniband.deth && infiniband.bth.destqp > 1" : "infiniband.bth.opcode >= 0x20 && infiniband.bth.opcode < 0x40"));
    }

    [LiveFact]
    public void Both_sides_send_at_once_and_runs_by_time_end_together()
    {
        var guest = shared.Fresh();
        guest.Run(Guest.SideNetwork);
        GuestIsClient(guest, "send_bw", "-b -s 2000 -n 100 -t 16" + Patient, useCm: false);
        GuestIsServer(guest, "send_bw", "-b -s 2000 -n 100 -t 16" + Patient, useCm: true);
        GuestIsClient(guest, "write_bw", "-D 4 -s 1024 -t 8" + Patient, useCm: false, checkCapture: false);
        GuestIsServer(guest, "send_bw", "-D 4 -s 1024 -t 8" + Patient, useCm: false, checkCapture: false);
    }

    [LiveFact]
    public void Queue_pairs_have_source_ports_of_their_own_and_packets_the_traffic_class_that_is_asked_for()
    {
        var guest = shared.Fresh();
        guest.Run(Guest.SideNetwork);
        var capture = GuestIsServer(guest, "write_bw", "-q 8 -n 10 -s 64" + Patient, useCm: false, more: ["--tclass", "106"]);
        string[] fields = ["-T", "fields", "-e", "ip.dsfield", "-e", "udp.srcport", "-e", "infiniband.bth.destqp"];
        var writes = Tshark.Run(capture, $"ip.src == {WeftProcess.Address} && infiniband.reth", fields).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')).ToList();
        Assert.Equal(80, writes.Count);
        Assert.All(writes, w => Assert.Equal("0x6a", w[0]));
        Assert.All(writes.GroupBy(w => w[2]), pair => Assert.Single(pair.Select(w => w[1]).Distinct()));
        Assert.True(writes.Select(w => w[1]).Distinct().Count() >= 4, "the source ports of 8 queue pairs hardly differ");
        // The answers of the guest come back by the same ports.
        var answers = Tshark.Run(capture, $"ip.src == {Guest.Address} && infiniband.aeth", "-T", "fields", "-e", "udp.srcport").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(answers);
    }

    /// <summary>Our server.</summary>
    private static void GuestIsClient(Guest guest, string test, string options, bool useCm, bool checkCapture = true)
    {
        var port = Guest.FreePort();
        using var server = new WeftProcess(guest, ["perf", test, "-p", $"{port}", .. Common(options, useCm), .. useCm ? Array.Empty<string>() : ["--oob", "127.0.0.1"]]);
        server.WaitFor("listening on");
        CheckTable(test, guest.Run($"ib_{test} {options} -p {port} {(useCm ? $"-R {WeftProcess.Address}" : $"-x 1 {Guest.Host}")} 2>&1"));
        Assert.True(server.WaitForExit() == 0, server.Output);
        if (!(test.EndsWith("lat", StringComparison.Ordinal) && test[0] is 'r' or 'a')) CheckTable(test, server.Output);
        if (checkCapture) server.CheckCapture();
    }

    /// <summary>Our client.</summary>
    private static string GuestIsServer(Guest guest, string test, string options, bool useCm, bool checkCapture = true, params string[] more)
    {
        guest.Run(
            $"""
            ib_{test} {options} {(useCm ? "-R" : "-x 1")} > /tmp/perf.log 2>&1 &
            echo $! > /tmp/perf.pid
            until {(useCm ? "rdma resource show cm_id | grep -q LISTEN" : $"ss -ltn | grep -q :{Guest.ToolPort}")}; do kill -0 $(cat /tmp/perf.pid) || exit 1; sleep 0.1; done
            """);
        string[] peer = useCm ? [Guest.Address] : ["127.0.0.1", "-p", $"{guest.SidePort}"];
        using var client = new WeftProcess(guest, ["perf", test, .. peer, .. Common(options, useCm), .. more]);
        Assert.True(client.WaitForExit() == 0, client.Output + guest.Run("cat /tmp/perf.log"));
        CheckTable(test, client.Output);
        if (checkCapture) client.CheckCapture();
        var theirs = guest.Run("while kill -0 $(cat /tmp/perf.pid) 2> /dev/null; do sleep 0.1; done; cat /tmp/perf.log");
        Assert.DoesNotContain("ailed", theirs, StringComparison.Ordinal);
        return client.Capture;
    }

    private static string[] Common(string options, bool useCm) => [.. options.Split(' '), .. useCm ? ["-R"] : Array.Empty<string>()];

    /// <summary>A table as perftest prints it, with figures that are not zero.</summary>
    private static void CheckTable(string test, string output)
    {
        Assert.Contains("local address: LID 0000 QPN 0x", output, StringComparison.Ordinal);
        Assert.Contains("remote address: LID 0000 QPN 0x", output, StringComparison.Ordinal);
        var row = test.EndsWith("bw", StringComparison.Ordinal)
            ? @"#bytes     #iterations    BW peak\[MB/sec\]    BW average\[MB/sec\]   MsgRate\[Mpps\]\s+[0-9]+ +[0-9]+ +[0-9.]+ +[0-9]*[1-9][0-9.]*|\s0\.0[0-9]"
            : @"t_min\[usec\] [^\n]*\n ?[0-9]+ +[0-9]+ +[1-9][0-9.]*";
        Assert.Matches(row, output.Replace("\r", "", StringComparison.Ordinal));
    }
}
