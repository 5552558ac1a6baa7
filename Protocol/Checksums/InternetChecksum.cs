using System.Buffers.Binary;

namespace Weft.Protocol.Checksums;

/// <summary>The one's complement sum of 16-bit words of IPv4, ICMPv6, UDP and TCP. RFC 1071.</summary>
public static class InternetChecksum
{
    /// <summary>Adds <paramref name="data"/> to a running sum; an odd last byte counts as the high half of a word, so only the last piece may be odd.</summary>
    public static ulong Add(ulong sum, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 4)
        {
            sum += BinaryPrimitives.ReadUInt32BigEndian(data);
            data = data[4..];
        }
        if (data.Length >= 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(data);
            data = data[2..];
        }
        return data.IsEmpty ? sum : sum + (uint)(data[0] << 8);
    }

    /// <summary>Folds and complements: what a checksum field holds. Over data that includes a correct checksum the result is 0.</summary>
    public static ushort Finish(ulong sum)
    {
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }

    public static ushort Compute(ReadOnlySpan<byte> data) => Finish(Add(0, data));

    /// <summary>Sum of the IPv6 pseudo-header (RFC 8200 §8.1), or with IPv4-mapped GIDs of the IPv4 one (RFC 768).</summary>
    public static ulong PseudoHeader(Gid source, Gid destination, byte protocol, int length)
    {
        var sum = (ulong)protocol + (uint)length;
        // An IPv4-mapped GID adds only its address: its 0xFFFF word is minus zero in one's complement, so it must not be counted at all.
        if (source.IsIPv4 && destination.IsIPv4) return sum + source.IPv4 + destination.IPv4;
        return sum + Words(source) + Words(destination);
    }

    private static ulong Words(Gid gid) => (gid.High >> 32) + (uint)gid.High + (gid.Low >> 32) + (uint)gid.Low;
}
