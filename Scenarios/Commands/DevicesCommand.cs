using System.CommandLine;
using System.Net.NetworkInformation;
using Weft.Fabric.Hw;
using Weft.Fabric.Verbs;
using Weft.Scenarios.Live;
using Weft.Scenarios.Tools;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft devices</c>: the links of this machine, and the device on one of them as ibv_devinfo describes it.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var verbose = new Option<bool>("-v", "--verbose") { Description = "Limits of the device and its GID table too." };
        var json = CommonOptions.Json();
        var live = new LiveOptions(isRequired: false);
        var command = new Command("devices",
            "Without a link, lists the network interfaces that can carry one. With a link, describes the device on it in the shape of ibv_devinfo.\n\nExamples:\n"
            + "  weft devices\n"
            + "  weft devices -v --link eth:veth0 --address 10.9.0.1/24 --address fd00:9::1/64") { verbose, json };
        live.AddTo(command);
        command.SetAction(parsed =>
        {
            try
            {
                if (!live.IsGiven(parsed)) return List(parsed.GetValue(json));
                using var device = live.Open(parsed);
                if (parsed.GetValue(json)) Out.Json(Describe(device.Device));
                else Print(device.Device, parsed.GetValue(verbose));
                return ExitCode.Success;
            }
            catch (Exception e) when (e is LinkException or FormatException or IOException or UnauthorizedAccessException)
            {
                return Out.Usage(e.Message);
            }
        });
        return command;
    }

    private static int List(bool json)
    {
        var links = NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.GetPhysicalAddress().GetAddressBytes().Length == 6 && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .OrderBy(i => i.Name, StringComparer.Ordinal).Select(i => new
            {
                Link = $"eth:{i.Name}", State = i.OperationalStatus == OperationalStatus.Down ? "down" : "up", Mac = MacAddress.Read(i.GetPhysicalAddress().GetAddressBytes()).ToString(),
                Mtu = Mtu(i), ActiveMtu = PathMtuExtensions.FromEthernet(Mtu(i)).Bytes(),
                Addresses = i.GetIPProperties().UnicastAddresses.Select(a => $"{a.Address.ToString().Split('%')[0]}/{a.PrefixLength}").ToArray(),
            }).ToList();
        if (json) Out.Json(links);
        else Out.Table(["link", "state", "mac", "mtu", "path mtu", "the host's own addresses"],
            links.Select(l => new[] { l.Link, l.State, l.Mac, $"{l.Mtu}", $"{l.ActiveMtu}", string.Join(' ', l.Addresses) }));
        if (links.Count == 0) Console.Error.WriteLine("there is no Ethernet interface here; `ip link add veth0 type veth peer name veth1` makes a pair");
        return ExitCode.Success;
    }

    private static int Mtu(NetworkInterface card) =>
        card.Supports(NetworkInterfaceComponent.IPv4) ? card.GetIPProperties().GetIPv4Properties().Mtu : card.GetIPProperties().GetIPv6Properties().Mtu;

    private static void Print(IRdmaDevice device, bool isVerbose)
    {
        var (a, port) = (device.Attributes, device.QueryPort(1));
        Out.Line($"hca_id:\t{a.Name}");
        Out.Line("\ttransport:\t\t\tInfiniBand (0)");
        Out.Line("\tfw_ver:\t\t\t\t0.0.0");
        Out.Line($"\tnode_guid:\t\t\t{Groups(a.NodeGuid)}");
        Out.Line($"\tsys_image_guid:\t\t\t{Groups(a.NodeGuid)}");
        Out.Line("\tvendor_id:\t\t\t0xffffff\n\tvendor_part_id:\t\t\t0\n\thw_ver:\t\t\t\t0x0");
        Out.Line($"\tphys_port_cnt:\t\t\t{device.PortCount}");
        if (isVerbose) foreach (var (name, value) in Limits(a)) Out.Line($"\t{name}:{new string('\t', Math.Max(1, 4 - (name.Length + 1) / 8))}{value}");
        Out.Line("\t\tport:\t1");
        Out.Line($"\t\t\tstate:\t\t\tPORT_{port.State.ToString().ToUpperInvariant()} ({(int)port.State})");
        Out.Line($"\t\t\tmax_mtu:\t\t{port.MaxMtu.Bytes()} ({(int)port.MaxMtu})");
        Out.Line($"\t\t\tactive_mtu:\t\t{port.ActiveMtu.Bytes()} ({(int)port.ActiveMtu})");
        Out.Line($"\t\t\tsm_lid:\t\t\t{port.SmLid.Value}\n\t\t\tport_lid:\t\t{port.Lid.Value}\n\t\t\tport_lmc:\t\t0x00\n\t\t\tlink_layer:\t\tEthernet");
        if (isVerbose)
        {
            Out.Line($"\t\t\tmax_msg_sz:\t\t0x{a.MaxMessage:x}");
            Out.Line($"\t\t\tpkey_tbl_len:\t\t{port.PKeyTableLength}\n\t\t\tgid_tbl_len:\t\t{port.GidTableLength}");
            for (var i = 0; i < port.GidTableLength; i++) Out.Line($"\t\t\tGID[{i,3}]:\t\t{ToolText.Ipv6(device.QueryGid(1, i))}, RoCE v2");
        }
        Out.Line();
    }

    private static (string Name, long Value)[] Limits(DeviceAttributes a) =>
    [
        ("max_qp", a.MaxQp), ("max_qp_wr", a.MaxQpWr), ("max_sge", a.MaxSge), ("max_cq", a.MaxCq), ("max_cqe", a.MaxCqe), ("max_mr", a.MaxMr),
        ("max_qp_rd_atom", a.MaxQpRdAtomic), ("max_qp_init_rd_atom", a.MaxQpInitRdAtomic), ("max_srq", a.MaxSrq), ("max_srq_wr", a.MaxSrqWr), ("local_ca_ack_delay", a.AckDelay),
    ];

    private static object Describe(IRdmaDevice device)
    {
        var port = device.QueryPort(1);
        return new
        {
            HcaId = device.Attributes.Name, NodeGuid = Groups(device.Attributes.NodeGuid), PhysPortCnt = device.PortCount,
            Limits = Limits(device.Attributes).ToDictionary(l => l.Name, l => l.Value),
            Port = new
            {
                State = port.State.ToString(), MaxMtu = port.MaxMtu.Bytes(), ActiveMtu = port.ActiveMtu.Bytes(), LinkLayer = "Ethernet",
                Gids = Enumerable.Range(0, port.GidTableLength).Select(i => device.QueryGid(1, i).ToString()),
            },
        };
    }

    private static string Groups(Guid64 guid) => $"{guid.Value >> 48:x4}:{guid.Value >> 32 & 0xFFFF:x4}:{guid.Value >> 16 & 0xFFFF:x4}:{guid.Value & 0xFFFF:x4}";
}
