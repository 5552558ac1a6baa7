using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>Our process on addresses that the host's own stack has too: two namespaces, each with a host and with us.</summary>
public class HostAddressTests
{
    private static readonly string[] OwnA = Own(0), OwnB = Own(1);

    private static string[] Own(int side) => ["--address", $"{VethPair.Address(side)}/24", "--address", $"{VethPair.IPv6(side)}/64"];

    [NamespaceFact]
    public void We_share_the_interfaces_addresses_with_the_hosts_stack_without_getting_in_its_way()
    {
        using var pair = new VethPair();
        using var server = pair.Weft(0, ["rping", "-s", "-P", "-V", "-S", "3000", .. OwnA]);
        server.WaitFor("listening");
        foreach (var address in new[] { VethPair.Address(0), VethPair.IPv6(0) })
        {
            using var client = pair.Weft(1, ["rping", "-c", "-a", address, "-C", "20", "-V", "-S", "3000", "--tos", "104", .. OwnB]);
            Assert.True(client.WaitForExit() == 0, client.Output);
            // The traffic class that the connection asked for is on every packet of both sides; the CM's own have none.
            Assert.Equal("", Tshark.Run(client.Capture, "infiniband.bth.destqp > 1 && !(ip.dsfield == 0x68 || ipv6.tclass == 0x68)"));
            client.CheckCapture();
            AnswersOnce(client.Capture, VethPair.Address(1), VethPair.Address(0));
        }
        // The hosts still reach each other. (Only now: our captures do not have their questions, but the answers to them.)
        foreach (var address in new[] { VethPair.Address(0), VethPair.IPv6(0) }) pair.In(1, "bash", "-c", $"(echo > /dev/tcp/{address}/9) 2>&1 | grep -q refused");
        Assert.True(server.Interrupt() == 0, server.Output);
        server.CheckCapture();
        foreach (var side in new[] { 0, 1 }) Assert.Equal(0, pair.Unreachables(side));
    }

    [NamespaceFact]
    public void Perf_finds_its_peer_by_TCP_on_the_same_address_and_fills_packets_of_4096_bytes()
    {
        using var pair = new VethPair(mtu: 4200);
        using var server = pair.Weft(0, ["perf", "write_bw", .. OwnA]);
        server.WaitFor("listening on TCP port");
        using var client = pair.Weft(1, ["perf", "write_bw", VethPair.Address(0), "-n", "200", "-s", "65536", "--json", .. OwnB]);
        Assert.True(client.WaitForExit() == 0, client.Output);
        Assert.True(server.WaitForExit() == 0, server.Output);
        Assert.Contains("\"iterations\": 200", client.Output, StringComparison.Ordinal);
        Assert.Contains(" Mtu             : 4096[B]", server.Output, StringComparison.Ordinal);
        Assert.NotEqual("", Tshark.Run(client.Capture, "infiniband && frame.len > 4096"));
        client.CheckCapture();
    }

    [NamespaceFact]
    public void What_stands_in_the_way_is_named_with_its_remedy()
    {
        using var pair = new VethPair();
        using var first = pair.Weft(0, ["rping", "-s", "-P", .. OwnA]);
        first.WaitFor("listening");
        Refused("UDP port 4791 of 10.77.0.1 is taken", ["rping", "-s", .. OwnA]);
        Refused("some of the addresses are v's own and some are not", ["rping", "-s", "--address", $"{VethPair.Address(0)}/24", "--address", "10.77.0.9/24"]);
        Refused("--mac does not go with the interface's own address", ["devices", "--mac", "02:00:00:00:00:09", "--address", $"{VethPair.Address(0)}/24"]);
        Refused("is an address of 'lo', not of 'v'", ["devices", "--address", "127.0.0.1/8"]);
        Refused("ip link add link v name v.5 type vlan id 5", ["devices", "--vlan", "5", "--address", "10.77.0.9/24"]);
        pair.In(0, "ip", "link", "set", VethPair.Interface, "down");
        Refused("the interface 'v' is down: `ip link set v up`", ["devices", .. OwnA]);

        void Refused(string said, string[] arguments)
        {
            using var weft = pair.Weft(0, arguments);
            Assert.Equal(2, weft.WaitForExit());
            Assert.Contains(said, weft.Output, StringComparison.Ordinal);
        }
    }

    /// <summary>Every ARP question of one side was answered by the other exactly once.</summary>
    private static void AnswersOnce(string capture, string asking, string answering)
    {
        int Count(string filter) => Tshark.Run(capture, filter).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        Assert.Equal(Count($"arp.opcode == 1 && arp.src.proto_ipv4 == {asking}"), Count($"arp.opcode == 2 && arp.src.proto_ipv4 == {answering}"));
    }
}
