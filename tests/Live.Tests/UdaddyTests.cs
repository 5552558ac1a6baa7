using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>librdmacm's udaddy in the guest against ours, both ways.</summary>
[Collection(GuestCollection.Name)]
public class UdaddyTests(SharedGuest shared)
{
    [LiveFact]
    public void Udaddy_and_we_send_each_other_datagrams_in_both_roles()
    {
        var guest = shared.Fresh();
        foreach (var options in new[] { "-c 1 -C 10 -S 100", "-c 3 -C 20 -S 1024" })
        {
            using (var server = new WeftProcess(guest, ["udaddy", .. options.Split(' ')]))
            {
                server.WaitFor("listening on");
                var theirs = guest.Run($"udaddy -s {WeftProcess.Address} {options}");
                Assert.Contains("data transfers complete", theirs, StringComparison.Ordinal);
                Assert.Contains("return status 0", theirs, StringComparison.Ordinal);
                Assert.True(server.WaitForExit() == 0, server.Output);
                Assert.Contains("data transfers complete", server.Output, StringComparison.Ordinal);
                server.CheckCapture();
            }
            guest.Run(
                $"""
                udaddy {options} > /tmp/udaddy.log 2>&1 &
                echo $! > /tmp/udaddy.pid
                until rdma resource show cm_id | grep -q LISTEN; do kill -0 $(cat /tmp/udaddy.pid) || exit 1; sleep 0.1; done
                """);
            using var client = new WeftProcess(guest, ["udaddy", "-s", Guest.Address, .. options.Split(' '), "--json"]);
            Assert.True(client.WaitForExit() == 0, client.Output);
            var messages = int.Parse(options.Split(' ')[1], null) * int.Parse(options.Split(' ')[3], null);
            Assert.Contains($"\"received\": {messages}", client.Output, StringComparison.Ordinal);
            client.CheckCapture();
            // Every byte that we sent is on the wire as it was made: 0, 1, 2 and so on, after BTH, DETH and immediate data.
            var sent = Tshark.Run(client.Capture, $"ip.src == {WeftProcess.Address} && infiniband.bth.opcode == 101", "-T", "fields", "-e", "udp.payload");
            Assert.Equal(messages, sent.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line[48..68] == "00010203040506070809"));
            Assert.Contains("return status 0", guest.Run("while kill -0 $(cat /tmp/udaddy.pid) 2> /dev/null; do sleep 0.1; done; cat /tmp/udaddy.log"), StringComparison.Ordinal);
        }
    }
}
