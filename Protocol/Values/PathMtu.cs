namespace Weft.Protocol.Values;

/// <summary>Payload limit of one packet on a path; the numbers are the wire code of IBA Vol 1 §14.2.5.6 (PortInfo) and §12.6.5 (REQ).</summary>
public enum PathMtu : byte
{
    None = 0,
    Mtu256 = 1,
    Mtu512 = 2,
    Mtu1024 = 3,
    Mtu2048 = 4,
    Mtu4096 = 5,
}

public static class PathMtuExtensions
{
    public static int Bytes(this PathMtu mtu) => 128 << (int)mtu;

    /// <summary>The largest path MTU that is not above a number of payload bytes; 256 at the least.</summary>
    public static PathMtu FromInfiniBand(int payload) =>
        (PathMtu)Math.Clamp(System.Numerics.BitOperations.Log2((uint)Math.Max(payload, 256)) - 7, (int)PathMtu.Mtu256, (int)PathMtu.Mtu4096);

    /// <summary>The largest path MTU whose packets fit an Ethernet MTU with the longest headers (80 bytes), as Linux rxe does.</summary>
    public static PathMtu FromEthernet(int ethernetMtu)
    {
        for (var mtu = PathMtu.Mtu4096; mtu > PathMtu.Mtu256; mtu--)
            if (mtu.Bytes() <= ethernetMtu - 80) return mtu;
        return PathMtu.Mtu256;
    }
}
