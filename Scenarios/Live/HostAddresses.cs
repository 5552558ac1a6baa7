using System.Net.NetworkInformation;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Hw;

namespace Weft.Scenarios.Live;

/// <summary>Whether our addresses are also the host's own.</summary>
internal static class HostAddresses
{
    /// <summary>All of them are addresses of the link's interface.</summary>
    /// <exception cref="LinkException">Some are and some are not, or one belongs to another interface of the host.</exception>
    public static bool AreShared(IPolledLink link, IReadOnlyList<PortAddress> addresses)
    {
        if (link.InterfaceAddress is null) return false;
        var shared = 0;
        foreach (var (address, _) in addresses)
        {
            var owner = NetworkInterface.GetAllNetworkInterfaces()
                .FirstOrDefault(i => i.GetIPProperties().UnicastAddresses.Any(a => Gid.From(a.Address) == address));
            if (owner is null) continue;
            if (owner.Name != link.Name) throw new LinkException($"{address} is an address of '{owner.Name}', not of '{link.Name}': use {owner.Name} as the link, or an address that the host does not have");
            shared++;
        }
        if (shared > 0 && shared < addresses.Count)
            throw new LinkException($"some of the addresses are {link.Name}'s own and some are not: give only its own, or only others");
        return shared > 0;
    }
}
