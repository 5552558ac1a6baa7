using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>librdmacm's rping in the guest against ours, both ways.</summary>
[Collection(GuestCollection.Name)]
public class RpingTests(SharedGuest shared)
{
    private const string OurIPv6 = "fd00:9::1", GuestIPv6 = "fd00:9::12";
    private static readonly string[] IPv6 = ["--address", $"{OurIPv6}/64"];

    [LiveFact]
    public void The_kernels_soft_RoCE_and_we_ping_each_other_with_rping()
    {
        var guest = shared.Fresh();
        GuestPings(guest, WeftProcess.Address, size: 64);
        foreach (var size in new[] { 64, 1000, 65535 }) WePing(guest, Guest.Address, size);
    }

    [LiveFact]
    public void The_same_over_IPv6()
    {
        var guest = shared.Fresh();
        guest.Run($"ip -6 addr replace {GuestIPv6}/64 dev eth0 nodad; until grep -q 'fd00:0009:.*0012' /sys/class/infiniband/rxe0/ports/1/gids/*; do sleep 0.1; done");
        try
        {
            foreach (var size in new[] { 64, 65535 })
            {
                GuestPings(guest, OurIPv6, size, IPv6);
                WePing(guest, GuestIPv6, size, IPv6);
            }
        }
        finally
        {
            guest.Run($"ip -6 addr del {GuestIPv6}/64 dev eth0");
        }
    }

    [LiveFact]
    public void A_persistent_server_serves_one_client_after_another_until_Ctrl_C()
    {
        var guest = shared.Fresh();
        using var server = new WeftProcess(guest, "rping", "-s", "-P", "-v", "-V", "-S", "65535");
        server.WaitFor("listening");
        foreach (var size in new[] { 33, 4096, 65535 }) Pings(guest, $"rping -c -a {WeftProcess.Address} -C 3 -S {size} -v -V", "rdma-ping-2:", 1);
        // Two at once: each has a connection of its own.
        Pings(guest,
            $"""
            rping -c -a {WeftProcess.Address} -C 20 -S 1000 -v -V > /tmp/second.log 2>&1 &
            rping -c -a {WeftProcess.Address} -C 20 -S 2000 -v -V
            wait
            cat /tmp/second.log
            """, "rdma-ping-19:", 2);
        Assert.True(server.Interrupt() == 0, server.Output);
        Assert.Equal(5, server.Output.Split("server DISCONNECT EVENT...").Length - 1);
        server.CheckCapture();
    }

    [LiveFact]
    public void An_MTU_of_4200_gives_packets_of_4096_bytes_both_ways()
    {
        using var guest = new Guest(mtu: 4200);
        guest.Run("rxe_up");
        string[] mtu = ["--mtu", "4200"];
        foreach (var capture in new[] { GuestPings(guest, WeftProcess.Address, 65535, mtu), WePing(guest, Guest.Address, 65535, mtu) })
        {
            foreach (var source in new[] { WeftProcess.Address, Guest.Address })
                Assert.NotEqual("", Tshark.Run(capture, $"ip.src == {source} && frame.len > 4096"));
        }
    }

    [LiveFact]
    public void A_VLAN_is_tagged_both_ways()
    {
        var guest = shared.Fresh();
        const string Ours = "10.9.5.1", Theirs = "10.9.5.12";
        guest.Run(
            $"""
            ip link add link eth0 name eth0.5 type vlan id 5 && ip addr add {Theirs}/24 dev eth0.5 && ip link set eth0.5 up
            until grep -q 'ffff:0a09:050c' /sys/class/infiniband/rxe0/ports/1/gids/*; do sleep 0.1; done
            """);
        try
        {
            string[] vlan = ["--vlan", "5:3", "--address", $"{Ours}/24"];
            foreach (var capture in new[] { GuestPings(guest, Ours, 5000, vlan), WePing(guest, Theirs, 5000, vlan) })
            {
                Assert.Equal("", Tshark.Run(capture, $"ip.src == {Ours} && infiniband && !(vlan.id == 5 && vlan.priority == 3)"));
                Assert.Equal("", Tshark.Run(capture, $"ip.src == {Theirs} && infiniband && !(vlan.id == 5)"));
                Assert.NotEqual("", Tshark.Run(capture, $"ip.src == {Theirs} && infiniband && vlan.id == 5"));
            }
        }
        finally
        {
            guest.Run("ip link del eth0.5");
        }
    }

    /// <summary>rping's client in the guest, our server.</summary>
    private static string GuestPings(Guest guest, string address, int size, params string[] options)
    {
        using var server = new WeftProcess(guest, ["rping", "-s", "-v", "-V", "-C", "10", "-S", $"{size}", .. options]);
        server.WaitFor("listening");
        Pings(guest, $"rping -c -a {address} -C 10 -v -V -S {size}", "ping data: rdma-ping-9: JKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyzA", 1);
        Assert.True(server.WaitForExit() == 0, server.Output);
        Assert.Contains("server DISCONNECT EVENT...", server.Output, StringComparison.Ordinal);
        server.CheckCapture();
        return server.Capture;
    }

    /// <summary>
    /// Runs rping's client, which has to print the last ping that often. Its exit code says nothing: when its two threads end in the wrong order
    /// it complains of a bad descriptor, whoever the server is.
    /// </summary>
    private static void Pings(Guest guest, string script, string last, int times)
    {
        var (_, output) = guest.TryRun(script);
        Assert.True(output.Split(last).Length - 1 == times && !output.Contains("mismatch", StringComparison.Ordinal), output);
    }

    /// <summary>rping's server in the guest, our client.</summary>
    private static string WePing(Guest guest, string address, int size, params string[] options)
    {
        guest.Run(
            $"""
            rping -s -a {address} -C 5 -S {size} > /tmp/rping.log 2>&1 &
            echo $! > /tmp/rping.pid
            until rdma resource show cm_id | grep -q LISTEN; do kill -0 $(cat /tmp/rping.pid) || exit 1; sleep 0.1; done
            """);
        using var client = new WeftProcess(guest, ["rping", "-c", "-a", address, "-C", "5", "-V", "-S", $"{size}", .. options]);
        Assert.True(client.WaitForExit() == 0, client.Output);
        client.CheckCapture();
        guest.Run("while kill -0 $(cat /tmp/rping.pid) 2> /dev/null; do sleep 0.1; done; grep -q 'server DISCONNECT EVENT' /tmp/rping.log");
        return client.Capture;
    }
}
