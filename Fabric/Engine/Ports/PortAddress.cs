namespace Weft.Fabric.Engine.Ports;

/// <summary>An address of a port and the length of its on-link prefix (of 32 or 128 bits).</summary>
public readonly record struct PortAddress(Gid Address, int PrefixLength)
{
    /// <summary>With the usual prefix: 24 bits for IPv4, 64 for IPv6.</summary>
    public PortAddress(Gid address) : this(address, address.IsIPv4 ? 24 : 64) { }

    public static implicit operator PortAddress(Gid address) => new(address);

    /// <summary>Whether <paramref name="other"/> lies in the prefix.</summary>
    public bool Covers(Gid other)
    {
        if (other.IsIPv4 != Address.IsIPv4) return false;
        var bits = Address.IsIPv4 ? PrefixLength + 96 : PrefixLength;
        return bits <= 64
            ? ((Address.High ^ other.High) & Mask(bits)) == 0
            : Address.High == other.High && ((Address.Low ^ other.Low) & Mask(bits - 64)) == 0;
    }

    private static ulong Mask(int bits) => bits == 0 ? 0 : ulong.MaxValue << (64 - bits);
}
