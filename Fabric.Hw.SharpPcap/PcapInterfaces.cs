using System.Net.NetworkInformation;
using PacketDotNet;
using SharpPcap;
using SharpPcap.LibPcap;

namespace Weft.Fabric.Hw.SharpPcap;

/// <summary>Finds and opens interfaces, and says what stands in the way.</summary>
internal static class PcapInterfaces
{
    /// <exception cref="LinkException">No libpcap, no such interface, no permission, not Ethernet, or the interface is down.</exception>
    public static PcapLink Open(string name)
    {
        try
        {
            return OpenPort(name);
        }
        catch (Exception e) when (e is DllNotFoundException || e.InnerException is DllNotFoundException)
        {
            throw new LinkException("libpcap is not installed: `apt-get install libpcap0.8` on Debian, Npcap on Windows");
        }
    }

    private static PcapLink OpenPort(string name)
    {
        var network = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(i => i.Name == name);
        var chosen = PcapInterface.GetAllPcapInterfaces().FirstOrDefault(i => i.Name == name || i.FriendlyName == name);
        if (network is null || chosen is null) throw new LinkException($"there is no network interface '{name}'; those there are: {Names()}");
        var port = new PcapPort(chosen);
        try
        {
            port.Open(PcapLink.Configuration);
            var address = network.GetPhysicalAddress().GetAddressBytes();
            if (port.LinkType != LinkLayers.Ethernet || network.NetworkInterfaceType == NetworkInterfaceType.Loopback || address.Length != MacAddress.Length)
                throw new LinkException($"the interface '{name}' is not an Ethernet one, but {(port.LinkType == LinkLayers.Ethernet ? network.NetworkInterfaceType : port.LinkType)}");
            port.NonBlockingMode = true;
            return new PcapLink(port, name, network.GetIPProperties().GetIPv4Properties().Mtu, MacAddress.Read(address));
        }
        catch (Exception e)
        {
            port.Dispose();
            if (e is PcapException refused) throw new LinkException(Explain(name, refused));
            throw;
        }
    }

    private static string Explain(string name, PcapException e) => e.Error switch
    {
        PcapError.PermissionDenied or PcapError.PromiscuousPermissionDenied =>
            $"capturing on '{name}' needs the right to (the capability CAP_NET_RAW on Linux): run as root or administrator, or `setcap cap_net_raw+ep` on the program",
        PcapError.InterfaceNotUp => $"the interface '{name}' is down: bring it up first",
        _ => $"libpcap cannot open '{name}': {e.Message}",
    };

    private static string Names() => string.Join(", ", NetworkInterface.GetAllNetworkInterfaces().Select(i => i.Name));
}
