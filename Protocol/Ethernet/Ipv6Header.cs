using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ethernet;

/// <summary>IPv6 header. RFC 8200 §3. Extension headers are not interpreted.</summary>
/// <param name="PayloadLength">Bytes behind this header.</param>
// 0 Ver:4 TClass:8 Flow:20 | 4 PayLen | 6 Next | 7 HopLmt | 8 Source:128 | 24 Destination:128
public readonly record struct Ipv6Header(
    Gid Source, Gid Destination, IpProtocol NextHeader, ushort PayloadLength, byte TrafficClass = 0, uint FlowLabel = 0, byte HopLimit = 64)
{
    public const int Length = 40;

    public static bool TryRead(ReadOnlySpan<byte> source, out Ipv6Header header)
    {
        header = default;
        if (source.Length < Length || source[0] >> 4 != 6) return false;
        var word = ReadUInt32BigEndian(source);
        header = new(Gid.Read(source[8..]), Gid.Read(source[24..]), (IpProtocol)source[6], ReadUInt16BigEndian(source[4..]),
            (byte)(word >> 20), word & 0xF_FFFF, source[7]);
        return true;
    }

    public void Write(Span<byte> target)
    {
        Destination.Write(target[24..]);
        WriteUInt64BigEndian(target, 6UL << 60 | (ulong)TrafficClass << 52 | (ulong)(FlowLabel & 0xF_FFFF) << 32 | (uint)PayloadLength << 16
            | (uint)NextHeader << 8 | HopLimit);
        Source.Write(target[8..]);
    }
}
