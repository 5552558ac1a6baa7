using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

[Collection(GuestCollection.Name)]
public class RpingTests(SharedGuest shared)
{
    [LiveFact]
    public void The_kernels_soft_RoCE_and_we_ping_each_other_with_rping()
    {
        var guest = shared.Fresh();
        using (var server = new WeftProcess(guest, "rping", "-s", "-v", "-V", "-C", "10"))
        {
            server.WaitFor("listening");
            var pings = guest.Run($"rping -c -a {WeftProcess.Address} -C 10 -v -V");
            Assert.Contains("ping data: rdma-ping-9: JKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyzA", pings, StringComparison.Ordinal);
            Assert.Equal(0, server.WaitForExit());
            Assert.Contains("server DISCONNECT EVENT...", server.Output, StringComparison.Ordinal);
            server.CheckCapture();
        }
        foreach (var size in new[] { 64, 1000, 65535 })
        {
            guest.Run(
                $"""
                rping -s -a {Guest.Address} -C 5 -S {size} > /tmp/rping.log 2>&1 &
                echo $! > /tmp/rping.pid
                until rdma resource show cm_id | grep -q LISTEN; do kill -0 $(cat /tmp/rping.pid) || exit 1; sleep 0.1; done
                """);
            using var client = new WeftProcess(guest, "rping", "-c", "-a", Guest.Address, "-C", "5", "-V", "-S", $"{size}");
            Assert.True(client.WaitForExit() == 0, client.Output);
            client.CheckCapture();
            guest.Run("while kill -0 $(cat /tmp/rping.pid) 2> /dev/null; do sleep 0.1; done; grep -q 'server DISCONNECT EVENT' /tmp/rping.log");
        }
    }
}
