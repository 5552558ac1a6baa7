using System.CommandLine;
using System.Globalization;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Hw;
using Weft.Fabric.Hw.Linux;
using Weft.Scenarios.Commands;

namespace Weft.Scenarios.Live;

/// <summary>The options of every command that works on a real link: which link, and who we are on it.</summary>
/// <param name="isRequired">Whether the command works on nothing but a link.</param>
internal sealed class LiveOptions(bool isRequired = true)
{
    private readonly Option<string> link = new("--link")
    {
        Description = LinkSchemes.Description,
        HelpName = LinkSchemes.Forms,
        Required = isRequired,
    };

    private readonly Option<string[]> address = new("--address")
    {
        Description = "An IPv4 or IPv6 address of our own on that link, with its prefix length; may be given several times. The interface's own addresses (all or none of them) are shared with the host's stack: its MAC is ours too, and it answers ARP.",
        HelpName = "ip/prefix",
        Required = isRequired,
    };

    private readonly Option<string?> mac = new("--mac") { Description = "Our MAC address. Default: 02:77 and the first IPv4 address.", HelpName = "mac" };
    private readonly Option<string?> vlan = new("--vlan") { Description = "Send and take frames of this VLAN (802.1Q), with this priority. On a network interface, use a VLAN interface instead.", HelpName = "1..4094[:0..7]" };
    private readonly Option<byte> tos = new("--tos") { Description = "Traffic class (DSCP and ECN bits) of connections that we make through the CM.", DefaultValueFactory = _ => (byte)0, HelpName = "0..255" };
    private readonly Option<int> mtu = new("--mtu") { Description = "MTU of a unix link.", DefaultValueFactory = _ => 1500, HelpName = "bytes" };
    private readonly Option<FileInfo?> capture = CommonOptions.Capture();

    private readonly Option<string?> impair = new("--impair")
    {
        Description = "Makes the link a bad wire, both ways: shares of frames, drawn from a seed. SIGUSR1 (kill -USR1) cuts it, and joins it again.",
        HelpName = "loss=2%,reorder=1%,duplicate=1%,seed=1",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(link);
        command.Options.Add(address);
        command.Options.Add(mac);
        command.Options.Add(mtu);
        command.Options.Add(vlan);
        command.Options.Add(tos);
        command.Options.Add(capture);
        command.Options.Add(impair);
    }

    /// <summary>Whether the command line names a link.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(link) is not null;

    /// <summary>Opens the device that the command line describes.</summary>
    /// <param name="awaitsPeer">The command waits to be called: the other side of a Unix link may come later.</param>
    /// <exception cref="LinkException">It cannot be opened, or an option is malformed; the message says which and what to do.</exception>
    /// <exception cref="FormatException">The impairments are malformed.</exception>
    /// <exception cref="IOException">The capture file cannot be written.</exception>
    public LiveDevice Open(ParseResult parsed, bool awaitsPeer = false)
    {
        if (parsed.GetValue(address) is not { Length: > 0 } texts) throw new LinkException("give our address on the link: --address IP/PREFIX");
        var addresses = texts.Select(ParseAddress).ToList();
        var impairments = parsed.GetValue(impair) is { } shares ? Impairments.Parse(shares) : null;
        var wire = LinkSchemes.Open(parsed.GetValue(link)!, parsed.GetValue(mtu), awaitsPeer);
        UdpPortGuard? guard = null;
        try
        {
            var isShared = HostAddresses.AreShared(wire, addresses);
            var port = new RocePortOptions
            {
                Mac = ChooseMac(parsed, wire, addresses, isShared), Addresses = addresses, HostAnswersNeighbors = isShared, VlanControl = ParseVlan(parsed.GetValue(vlan), wire),
            };
            if (isShared) guard = UdpPortGuard.Open(addresses);
            return new LiveDevice(wire, port, impairments, parsed.GetValue(capture)?.Create(), guard, parsed.GetValue(tos));
        }
        catch
        {
            guard?.Dispose();
            wire.Dispose();
            throw;
        }
    }

    private MacAddress ChooseMac(ParseResult parsed, IPolledLink wire, List<PortAddress> addresses, bool isShared)
    {
        var given = parsed.GetValue(mac);
        if (isShared)
        {
            if (given is not null) throw new LinkException($"--mac does not go with the interface's own address: its MAC is {wire.InterfaceAddress}");
            return wire.InterfaceAddress!.Value;
        }
        var ipv4 = addresses.Find(a => a.Address.IsIPv4).Address;
        var own = new MacAddress(0x0277_0000_0000 | (ipv4.IsNone ? addresses[0].Address.Low & 0xFFFF_FFFF : ipv4.IPv4));
        return given is null || MacAddress.TryParse(given, out own) ? own : throw new LinkException($"'{given}' is not a MAC address such as 02:00:00:00:00:01");
    }

    /// <summary>The tag control information; -1: untagged. IEEE 802.1Q §9.6.</summary>
    private static int ParseVlan(string? text, IPolledLink wire)
    {
        if (text is null) return -1;
        var parts = text.Split(':');
        var priority = 0;
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id is < 1 or > 4094 || parts.Length > 2
            || parts.Length == 2 && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out priority) || priority > 7))
            throw new LinkException($"'{text}' is not a VLAN; give 1..4094, or with a priority as in 5:3");
        // The kernel takes tags off before a packet socket sees the frame.
        if (wire.InterfaceAddress is not null)
            throw new LinkException($"--vlan works on unix links; here, `ip link add link {wire.Name} name {wire.Name}.{id} type vlan id {id}` makes an interface to use in the place of {wire.Name}");
        return priority << 13 | id;
    }

    private static PortAddress ParseAddress(string text)
    {
        var parts = text.Split('/');
        if (parts.Length > 2 || !Gid.TryParse(parts[0], out var gid)) throw new LinkException($"'{text}' is not an address such as 10.0.0.1/24 or fd00::1/64");
        if (parts.Length == 1) return new(gid);
        if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) || prefix > (gid.IsIPv4 ? 32 : 128))
            throw new LinkException($"'{text}': the prefix length is 0..{(gid.IsIPv4 ? 32 : 128)}");
        return new(gid, prefix);
    }
}
