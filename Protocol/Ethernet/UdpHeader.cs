using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ethernet;

/// <summary>UDP header. RFC 768. RoCEv2 sends a checksum of 0, over IPv6 too. IBA annex A17.3.2.</summary>
/// <param name="DatagramLength">Header and payload.</param>
public readonly record struct UdpHeader(ushort SourcePort, ushort DestinationPort, ushort DatagramLength, ushort Checksum = 0)
{
    public const int Length = 8;
    /// <summary>Destination port of RoCEv2. IBA annex A17.3.1.</summary>
    public const ushort RocePort = 4791;

    public static bool TryRead(ReadOnlySpan<byte> source, out UdpHeader header)
    {
        header = default;
        if (source.Length < Length) return false;
        var all = ReadUInt64BigEndian(source);
        header = new((ushort)(all >> 48), (ushort)(all >> 32), (ushort)(all >> 16), (ushort)all);
        return true;
    }

    public void Write(Span<byte> target) =>
        WriteUInt64BigEndian(target, (ulong)SourcePort << 48 | (ulong)DestinationPort << 32 | (uint)DatagramLength << 16 | Checksum);
}
