namespace Weft.Fabric.Engine.Ports;

/// <summary>
/// GIDs of a RoCE port in the order in which Linux shows them: index 0 the link-local address of the MAC, then IPv4, then IPv6.
/// IBA annex A17.5.1.
/// </summary>
internal sealed class GidTable
{
    private readonly Gid[] gids;
    private readonly PortAddress[] addresses;

    public GidTable(MacAddress mac, IReadOnlyList<PortAddress> given)
    {
        var linkLocal = new PortAddress(Gid.LinkLocal(mac.ToEui64()));
        addresses = [linkLocal, .. given.Where(a => a.Address.IsIPv4), .. given.Where(a => !a.Address.IsIPv4 && a.Address != linkLocal.Address)];
        gids = new Gid[addresses.Length];
        for (var i = 0; i < gids.Length; i++)
        {
            var (address, prefix) = addresses[i];
            if (address.IsNone || address.IsMulticast) throw new ArgumentException($"{address} cannot be the address of a port");
            if (prefix < 0 || prefix > (address.IsIPv4 ? 32 : 128)) throw new ArgumentException($"prefix length {prefix} of {address}");
            if (Array.IndexOf(gids, address, 0, i) >= 0) throw new ArgumentException($"{address} is given twice");
            gids[i] = address;
        }
    }

    public int Length => gids.Length;
    public Gid this[int index] => (uint)index < (uint)gids.Length ? gids[index] : Gid.None;

    public int IndexOf(Gid gid)
    {
        for (var i = 0; i < gids.Length; i++)
            if (gids[i] == gid) return i;
        return -1;
    }

    /// <summary>Whether an address lies in a prefix of the port.</summary>
    public bool IsOnLink(Gid address)
    {
        foreach (var own in addresses)
            if (own.Covers(address)) return true;
        return false;
    }
}
