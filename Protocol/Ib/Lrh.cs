using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>Local Routing Header of native InfiniBand. IBA Vol 1 §7.7.</summary>
/// <param name="PacketLength">In 4-byte words, from the first byte of the LRH up to and including the ICRC, without the VCRC; 11 bits.</param>
// 0 VL:4 LVer:4 | 1 SL:4 resv:2 LNH:2 | 2 DLID | 4 resv:5 PktLen:11 | 6 SLID
public readonly record struct Lrh(
    byte VirtualLane, byte ServiceLevel, LinkNextHeader NextHeader, Lid Destination, int PacketLength, Lid Source,
    byte Version = 0, byte Reserved2 = 0, byte Reserved5 = 0)
{
    public const int Length = 8;
    /// <summary>Length of the packet in bytes from LRH to ICRC.</summary>
    public int PacketBytes => PacketLength * 4;

    public static bool TryRead(ReadOnlySpan<byte> source, out Lrh lrh)
    {
        lrh = default;
        if (source.Length < Length) return false;
        var length = ReadUInt16BigEndian(source[4..]);
        lrh = new((byte)(source[0] >> 4), (byte)(source[1] >> 4), (LinkNextHeader)(source[1] & 3), new(ReadUInt16BigEndian(source[2..])),
            length & 0x7FF, new(ReadUInt16BigEndian(source[6..])), (byte)(source[0] & 15), (byte)(source[1] >> 2 & 3), (byte)(length >> 11));
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt16BigEndian(target[6..], Source.Value);
        target[0] = (byte)(VirtualLane << 4 | Version & 15);
        target[1] = (byte)(ServiceLevel << 4 | (Reserved2 & 3) << 2 | (byte)NextHeader & 3);
        WriteUInt16BigEndian(target[2..], Destination.Value);
        WriteUInt16BigEndian(target[4..], (ushort)(Reserved5 << 11 | PacketLength & 0x7FF));
    }
}
