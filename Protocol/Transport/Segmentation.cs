namespace Weft.Protocol.Transport;

/// <summary>How a message becomes packets: all but the last carry exactly one path MTU. IBA Vol 1 §9.7.2, §9.7.7.</summary>
public static class Segmentation
{
    /// <summary>Longest message, 2^31 bytes.</summary>
    public const uint MaxMessage = 1u << 31;
    /// <summary>PSNs that may be outstanding: half the number space, less one. IBA Vol 1 §9.7.2.1.</summary>
    public const int MaxOutstandingPsns = (1 << 23) - 1;

    /// <summary>Packets of a message, at least one; for a READ the packets of its response.</summary>
    /// <param name="mtuShift">Log2 of the path MTU in bytes.</param>
    public static uint PacketCount(uint length, int mtuShift) => length == 0 ? 1 : ((length - 1) >> mtuShift) + 1;

    /// <summary>Payload bytes of packet <paramref name="index"/> of a message.</summary>
    public static int PayloadLength(uint length, uint index, int mtuShift) => (int)Math.Min(length - (index << mtuShift), 1u << mtuShift);

    /// <summary>Pad bytes that make a payload a multiple of four.</summary>
    public static int PadOf(int payload) => -payload & 3;
}
