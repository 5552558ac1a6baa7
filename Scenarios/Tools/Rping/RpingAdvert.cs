using System.Buffers.Binary;

namespace Weft.Scenarios.Tools.Rping;

/// <summary>The 16-byte message in which rping's client offers a buffer: address, key, size, big-endian.</summary>
internal readonly record struct RpingAdvert(ulong Address, RKey Key, uint Size)
{
    public const int Length = 16;

    public static bool TryRead(ReadOnlySpan<byte> source, out RpingAdvert advert)
    {
        advert = default;
        if (source.Length < Length) return false;
        advert = new(BinaryPrimitives.ReadUInt64BigEndian(source), new(BinaryPrimitives.ReadUInt32BigEndian(source[8..])),
            BinaryPrimitives.ReadUInt32BigEndian(source[12..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, Address);
        BinaryPrimitives.WriteUInt32BigEndian(target[8..], Key.Value);
        BinaryPrimitives.WriteUInt32BigEndian(target[12..], Size);
    }
}
