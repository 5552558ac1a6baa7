using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>Ctrl-C at any time: the peer is told, and the program ends at once with exit code 130.</summary>
public class CleanEndTests
{
    /// <summary>Attribute of the CM's disconnect request, IBA Vol 1 §12.6.10.</summary>
    private const string DisconnectRequest = "infiniband.mad.attributeid == 0x0015";

    private static string[] Own(int side) => ["--address", $"{VethPair.Address(side)}/24"];

    [NamespaceFact]
    public void A_running_rping_disconnects()
    {
        using var pair = new VethPair();
        using var server = pair.Weft(0, ["rping", "-s", "-P", .. Own(0)]);
        server.WaitFor("listening");
        using var client = pair.Weft(1, ["rping", "-c", "-a", VethPair.Address(0), "-v", .. Own(1)]);
        client.WaitFor("ping data: rdma-ping-5:");
        Assert.True(client.Interrupt(15) == 130, client.Output);
        Assert.NotEqual("", Tshark.Run(client.Capture, $"ip.src == {VethPair.Address(1)} && {DisconnectRequest}"));
        server.WaitFor("server DISCONNECT EVENT...");
        Assert.True(server.Interrupt(15) == 0, server.Output);
    }

    [NamespaceFact]
    public void A_running_perf_disconnects_and_its_server_says_that_the_client_is_gone()
    {
        using var pair = new VethPair();
        using var server = pair.Weft(0, ["perf", "send_bw", "-R", "-D", "600", .. Own(0)]);
        server.WaitFor("listening");
        using var client = pair.Weft(1, ["perf", "send_bw", VethPair.Address(0), "-R", "-D", "600", .. Own(1)]);
        client.WaitFor("#bytes");
        Assert.True(client.Interrupt(15) == 130, client.Output);
        Assert.NotEqual("", Tshark.Run(client.Capture, $"ip.src == {VethPair.Address(1)} && {DisconnectRequest}"));
        Assert.True(server.WaitForExit() == 1, server.Output);
        Assert.Contains("Completion with error at server", server.Output, StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void Whoever_waits_for_a_peer_ends_too()
    {
        using var pair = new VethPair();
        string[][] waiting = [["udaddy"], ["pingpong", "rc"], ["perf", "read_lat"], ["perf", "write_bw", "-R"]];
        foreach (var command in waiting)
        {
            using var weft = pair.Weft(0, [.. command, .. Own(0)]);
            weft.WaitFor("listening on");
            Assert.True(weft.Interrupt(15) == 130, $"{string.Join(' ', command)}: {weft.Output}");
        }
    }
}
