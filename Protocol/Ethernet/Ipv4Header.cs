using Weft.Protocol.Checksums;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ethernet;

/// <summary>IPv4 header without its options. RFC 791 §3.1. The checksum is carried as it stands; see <see cref="WithChecksum"/>.</summary>
/// <param name="HeaderWords">IHL: 5 without options, up to 15; options follow the 20 bytes of this value.</param>
/// <param name="Fragment">Flags in bits 15..13 (reserved, DF, MF), fragment offset in bits 12..0.</param>
// 0 Ver:4 IHL:4 | 1 TOS | 2 TotLen | 4 ID | 6 Flags:3 FragOff:13 | 8 TTL | 9 Proto | 10 Checksum | 12 Source | 16 Destination
public readonly record struct Ipv4Header(
    uint Source, uint Destination, IpProtocol Protocol, ushort TotalLength, ushort Identification, byte TrafficClass = 0, byte TimeToLive = 64,
    ushort Fragment = Ipv4Header.DontFragment, ushort Checksum = 0, byte HeaderWords = 5)
{
    /// <summary>Without options.</summary>
    public const int Length = 20;
    public const ushort DontFragment = 0x4000;

    /// <summary>With options.</summary>
    public int HeaderLength => HeaderWords * 4;
    /// <summary>More fragments follow, or this is not the first.</summary>
    public bool IsFragment => (Fragment & 0x3FFF) != 0;

    /// <summary>False when the source is too short, the version is not 4, or the IHL is below 5.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out Ipv4Header header)
    {
        header = default;
        if (source.Length < Length || source[0] >> 4 != 4 || (source[0] & 15) < 5) return false;
        header = new(ReadUInt32BigEndian(source[12..]), ReadUInt32BigEndian(source[16..]), (IpProtocol)source[9], ReadUInt16BigEndian(source[2..]),
            ReadUInt16BigEndian(source[4..]), source[1], source[8], ReadUInt16BigEndian(source[6..]), ReadUInt16BigEndian(source[10..]), (byte)(source[0] & 15));
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt32BigEndian(target[16..], Destination);
        WriteUInt64BigEndian(target, 4UL << 60 | (ulong)HeaderWords << 56 | (ulong)TrafficClass << 48 | (ulong)TotalLength << 32
            | (ulong)Identification << 16 | Fragment);
        WriteUInt32BigEndian(target[8..], (uint)TimeToLive << 24 | (uint)Protocol << 16 | Checksum);
        WriteUInt32BigEndian(target[12..], Source);
    }

    /// <summary>With the checksum of a header without options.</summary>
    public Ipv4Header WithChecksum()
    {
        var sum = (4u << 12 | (uint)HeaderWords << 8 | TrafficClass) + (ulong)TotalLength + Identification + Fragment
            + ((uint)TimeToLive << 8 | (uint)Protocol) + Source + Destination;
        return this with { Checksum = InternetChecksum.Finish(sum) };
    }

    /// <param name="header">The whole header, with options.</param>
    public static bool IsChecksumCorrect(ReadOnlySpan<byte> header) => InternetChecksum.Compute(header) == 0;
}
