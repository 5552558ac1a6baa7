using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>Global Routing Header; laid out as an IPv6 header. IBA Vol 1 §8.3.</summary>
/// <param name="PayloadLength">Bytes from the BTH up to and including the ICRC.</param>
// 0 IPVer:4 TClass:8 FlowLabel:20 | 4 PayLen | 6 NxtHdr | 7 HopLmt | 8 SGID:128 | 24 DGID:128
public readonly record struct Grh(
    Gid Source, Gid Destination, ushort PayloadLength, byte TrafficClass = 0, uint FlowLabel = 0, byte HopLimit = 0, byte NextHeader = Grh.IbTransport)
{
    public const int Length = 40;
    /// <summary>Next header: an InfiniBand BTH. IBA Vol 1 §8.3.5.</summary>
    public const byte IbTransport = 0x1B;

    /// <summary>False when the source is too short or the version is not 6.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out Grh grh)
    {
        grh = default;
        if (source.Length < Length || source[0] >> 4 != 6) return false;
        var word = ReadUInt32BigEndian(source);
        grh = new(Gid.Read(source[8..]), Gid.Read(source[24..]), ReadUInt16BigEndian(source[4..]), (byte)(word >> 20), word & 0xF_FFFF, source[7], source[6]);
        return true;
    }

    public void Write(Span<byte> target)
    {
        Destination.Write(target[24..]);
        WriteUInt32BigEndian(target, 6u << 28 | (uint)TrafficClass << 20 | FlowLabel & 0xF_FFFF);
        WriteUInt16BigEndian(target[4..], PayloadLength);
        (target[6], target[7]) = (NextHeader, HopLimit);
        Source.Write(target[8..]);
    }
}
