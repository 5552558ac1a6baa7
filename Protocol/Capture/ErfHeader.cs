using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Capture;

/// <summary>
/// Header of an Extensible Record Format record (Endace). Wireshark 4.0 does not know link type 247; it reads native InfiniBand only
/// inside such records.
/// </summary>
/// <param name="Timestamp">Seconds in the high, fractions of 2^-32 s in the low half.</param>
/// <param name="Type">21 is InfiniBand, from the LRH to the VCRC; bit 7 announces extension headers.</param>
/// <param name="RecordLength">With this header.</param>
/// <param name="WireLength">Of the packet.</param>
// 0 Timestamp:64 little-endian | 8 Type | 9 Flags | 10 RecordLength | 12 LossCounter | 14 WireLength
internal readonly record struct ErfHeader(ulong Timestamp, byte Type, byte Flags, ushort RecordLength, ushort LossCounter, ushort WireLength)
{
    public const int Length = 16;
    public const byte InfiniBand = 21;
    private const byte VaryingLength = 4;

    public static ErfHeader ForInfiniBand(Instant time, int length)
    {
        var (seconds, nanoseconds) = Math.DivRem((ulong)time.Nanoseconds, 1_000_000_000);
        // Rounded up, so that a reader that rounds down finds the same nanosecond.
        var fraction = (((UInt128)nanoseconds << 32) + 999_999_999) / 1_000_000_000;
        return new(seconds << 32 | (ulong)fraction, InfiniBand, VaryingLength, (ushort)(Length + length), 0, (ushort)length);
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out ErfHeader header)
    {
        header = default;
        if (source.Length < Length) return false;
        header = new(ReadUInt64LittleEndian(source), source[8], source[9], ReadUInt16BigEndian(source[10..]), ReadUInt16BigEndian(source[12..]),
            ReadUInt16BigEndian(source[14..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt16BigEndian(target[14..], WireLength);
        WriteUInt64LittleEndian(target, Timestamp);
        (target[8], target[9]) = (Type, Flags);
        WriteUInt16BigEndian(target[10..], RecordLength);
        WriteUInt16BigEndian(target[12..], LossCounter);
    }
}
