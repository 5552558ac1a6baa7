using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

public class RpingTests
{
    [LiveFact]
    public void The_kernels_soft_RoCE_and_we_ping_each_other_with_rping()
    {
        using var guest = new Guest();
        guest.Run("rxe_up");
        using (var server = new WeftProcess(guest, "rping", "-s", "-v", "-V", "-C", "10"))
        {
            server.WaitFor("listening");
            var pings = guest.Run($"rping -c -a {WeftProcess.Address} -C 10 -v -V");
            Assert.Contains("ping data: rdma-ping-9: JKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyzA", pings, StringComparison.Ordinal);
            Assert.Equal(0, server.WaitForExit());
            Assert.Contains("server DISCONNECT EVENT...", server.Output, StringComparison.Ordinal);
        }
        foreach (var size in new[] { 64, 1000, 65535 })
        {
            guest.Start($"rping -s -a {Guest.Address} -C 5 -S {size}");
            using var client = new WeftProcess(guest, "rping", "-c", "-a", Guest.Address, "-C", "5", "-V", "-S", $"{size}");
            Assert.True(client.WaitForExit() == 0, client.Output);
            Assert.Equal(0, guest.Finish().ExitCode);
        }
    }
}
