using Weft.Fabric.Hw.SharpPcap;
using Weft.Live.Tests.Lab;

namespace Weft.SharpPcap.Tests;

/// <summary>`weft-pcap` on one end of a cable, and on the other the same command line on a packet socket.</summary>
public class PcapLinkTests
{
    private const string Link = $"pcap:{VethPair.Interface}";
    private static readonly string[] WithoutRights = ["setpriv", "--bounding-set=-net_raw"];
    private static readonly string[] WithoutLibpcap = ["unshare", "-m", "sh", "-c", "for l in /usr/lib/*/libpcap.so.*; do mount --bind /dev/null $l; done; exec \"$@\"", "sh"];

    [NamespaceTheory]
    [InlineData(0)]
    [InlineData(1)]
    public void Rping_runs_between_libpcap_and_a_packet_socket(int pcapSide)
    {
        using var pair = new VethPair(mtu: 4200);
        using var server = Rping(pair, 0, pcapSide, "-s", "-P");
        server.WaitFor("listening");
        foreach (var address in new[] { Own(0), OwnIPv6(0) })
        {
            using var client = Rping(pair, 1, pcapSide, "-c", "-a", address, "-C", "50");
            Assert.True(client.WaitForExit() == 0, client.Output);
            client.CheckCapture();
        }
        Assert.True(server.Interrupt() == 0, server.Output);
        server.CheckCapture();
    }

    [NamespaceFact]
    public void The_interfaces_own_address_is_shared_with_the_hosts_stack()
    {
        using var pair = new VethPair();
        using var server = pair.Start(0, [], Program, "rping", "-s", "--link", Link, "--address", $"{VethPair.Address(0)}/24");
        server.WaitFor("listening");
        using var client = pair.Weft(1, "rping", "-c", "-a", VethPair.Address(0), "-C", "20", "-V", "--address", $"{VethPair.Address(1)}/24");
        Assert.True(client.WaitForExit() == 0, client.Output);
        Assert.True(server.WaitForExit() == 0, server.Output);
        Assert.Equal(0, pair.Unreachables(0));
    }

    [NamespaceFact]
    public void What_stands_in_the_way_is_named_with_its_remedy()
    {
        using var pair = new VethPair();
        Refused("'pcap:' is not a link; give eth:IFACE, or unix:LOCAL,REMOTE, or pcap:IFACE", [], "pcap:");
        Refused("there is no network interface 'no such/one'; those there are: ", [], "pcap:no such/one");
        Refused("the interface 'lo' is not an Ethernet one, but Loopback", [], "pcap:lo");
        Refused("run as root or administrator, or `setcap cap_net_raw+ep`", WithoutRights, Link);
        Refused("libpcap is not installed: `apt-get install libpcap0.8`", WithoutLibpcap, Link);
        pair.In(0, "ip", "link", "set", VethPair.Interface, "down");
        Refused("the interface 'v' is down", [], Link);

        void Refused(string expected, string[] prefix, string link)
        {
            using var refused = pair.Start(0, prefix, Program, "devices", "--link", link, "--address", $"{Own(0)}/24");
            Assert.Equal(2, refused.WaitForExit());
            Assert.Contains(expected, refused.Output, StringComparison.Ordinal);
        }
    }

    private static string Program => typeof(PcapLink).Assembly.Location;

    // Beside the hosts' own: with those the kernel's stack would look at each frame too.
    private static string Own(int side) => $"10.77.0.{side + 11}";
    private static string OwnIPv6(int side) => $"fd77::{side + 11}";

    private static WeftProcess Rping(VethPair pair, int side, int pcapSide, params string[] arguments)
    {
        string[] all = ["rping", .. arguments, "-V", "-S", "3000", "--address", $"{Own(side)}/24", "--address", $"{OwnIPv6(side)}/64"];
        return side == pcapSide ? pair.Start(side, [], Program, [.. all, "--link", Link]) : pair.Weft(side, all);
    }
}
