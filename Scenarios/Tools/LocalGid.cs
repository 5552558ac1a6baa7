using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Tools;

/// <summary>Which entry of the port's GID table a tool sends from.</summary>
internal static class LocalGid
{
    public static string Table(IRdmaDevice device) =>
        string.Join(", ", Enumerable.Range(0, device.QueryPort(1).GidTableLength).Select(i => $"{i}: {device.QueryGid(1, i)}"));

    /// <param name="wanted">An index; <c>null</c>: the first address that was given, behind the link-local one.</param>
    /// <exception cref="FormatException">The table has no such index.</exception>
    public static int Choose(IRdmaDevice device, int? wanted)
    {
        var length = device.QueryPort(1).GidTableLength;
        if (wanted is not { } index) return length > 1 ? 1 : 0;
        return index >= 0 && index < length ? index : throw new FormatException($"there is no GID index {index}; the port has {Table(device)}");
    }

    /// <summary>The way from one of our GIDs to a peer's.</summary>
    /// <exception cref="IOException">The peer gave no GID, or one of the other IP version.</exception>
    public static AddressVector PathTo(IRdmaDevice device, int index, Gid peer, byte hopLimit, byte trafficClass = 0)
    {
        var own = device.QueryGid(1, index);
        if (peer.IsNone) throw new IOException("the peer gave no GID, and RoCE needs one: start it with its option for a GID index (-g, or -x of perftest)");
        if (own.IsIPv4 != peer.IsIPv4)
            throw new IOException($"our GID {own} and the peer's {peer} are of different IP versions; choose an index of the same version on both sides. Ours: {Table(device)}");
        return new AddressVector(own, peer, SourceGidIndex: index, HopLimit: hopLimit, TrafficClass: trafficClass);
    }
}
