using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>libibverbs' pingpong examples in the guest against ours, both ways. They find each other over TCP on the guest's second interface.</summary>
[Collection(GuestCollection.Name)]
public class PingpongTests(SharedGuest shared)
{
    [LiveTheory]
    [InlineData("rc", "-s 8192 -n 100 -c")]
    [InlineData("rc", "-s 1 -n 200 -r 16 -e")]
    [InlineData("uc", "-s 5000 -n 50 -c")]
    [InlineData("ud", "-s 1024 -n 50 -r 20 -c")]
    [InlineData("srq", "-s 3000 -n 100 -q 5 -r 64 -c")]
    public void The_examples_of_libibverbs_and_we_play_pingpong_in_both_roles(string kind, string options)
    {
        var guest = shared.Fresh();
        guest.Run(Guest.SideNetwork);
        var port = Guest.FreePort();
        using (var server = new WeftProcess(guest, ["pingpong", kind, "--oob", "127.0.0.1", "-p", $"{port}", .. options.Split(' ')]))
        {
            server.WaitFor("listening on TCP port");
            CheckReport(guest.Run($"ibv_{kind}_pingpong -g 1 -p {port} {options} {Guest.Host}"));
            Assert.True(server.WaitForExit() == 0, server.Output);
            CheckReport(server.Output);
            server.CheckCapture();
        }
        guest.Run(
            $"""
            ibv_{kind}_pingpong -g 1 {options} > /tmp/pingpong.log 2>&1 &
            echo $! > /tmp/pingpong.pid
            until ss -ltn | grep -q :{Guest.ToolPort}; do kill -0 $(cat /tmp/pingpong.pid) || exit 1; sleep 0.1; done
            """);
        using var client = new WeftProcess(guest, ["pingpong", kind, "127.0.0.1", "-p", $"{guest.SidePort}", .. options.Split(' ')]);
        Assert.True(client.WaitForExit() == 0, client.Output);
        CheckReport(client.Output);
        client.CheckCapture();
        CheckReport(guest.Run("while kill -0 $(cat /tmp/pingpong.pid) 2> /dev/null; do sleep 0.1; done; cat /tmp/pingpong.log"));
    }

    [LiveFact]
    public void Ctrl_C_ends_a_pingpong_in_its_middle()
    {
        var guest = shared.Fresh();
        guest.Run(Guest.SideNetwork);
        var port = Guest.FreePort();
        using var server = new WeftProcess(guest, "pingpong", "rc", "--oob", "127.0.0.1", "-p", $"{port}", "-n", "10000000");
        server.WaitFor("listening on TCP port");
        guest.Run($"ibv_rc_pingpong -g 1 -p {port} -n 10000000 {Guest.Host} > /tmp/pingpong.log 2>&1 & echo $! > /tmp/pingpong.pid");
        server.WaitFor("remote address:");
        guest.Run("c=/sys/class/infiniband/rxe0/ports/1/hw_counters/rcvd_pkts; n=$(cat $c); until [ $(cat $c) -gt $(( n + 100 )) ]; do sleep 0.1; done");
        Assert.True(server.Interrupt() == 130, server.Output);
        guest.Run("kill $(cat /tmp/pingpong.pid)"); // without a CM nobody tells it
    }

    /// <summary>Two lines as the examples print them, and no complaint about the data.</summary>
    private static void CheckReport(string output)
    {
        Assert.Matches(@"local address:  LID 0x0000, QPN 0x[0-9a-f]{6}, PSN 0x[0-9a-f]{6}[,:] GID ::ffff:10\.9\.0\.", output);
        Assert.Matches(@"remote address: LID 0x0000, QPN 0x[0-9a-f]{6}, PSN 0x[0-9a-f]{6}, GID ::ffff:10\.9\.0\.", output);
        Assert.Matches(@"[0-9]+ bytes in [0-9.]+ seconds = [0-9.]+ Mbit/sec", output);
        Assert.Matches(@"[0-9]+ iters in [0-9.]+ seconds = [0-9.]+ usec/iter", output);
        Assert.DoesNotContain("invalid data", output, StringComparison.Ordinal);
    }
}
