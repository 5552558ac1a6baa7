using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>Invalidate Extended Transport Header: the key to invalidate at the receiver. IBA Vol 1 §9.3.7.</summary>
public readonly record struct Ieth(RKey RKey)
{
    public const int Length = 4;

    public static bool TryRead(ReadOnlySpan<byte> source, out Ieth ieth)
    {
        ieth = default;
        if (source.Length < Length) return false;
        ieth = new(new RKey(ReadUInt32BigEndian(source)));
        return true;
    }

    public void Write(Span<byte> target) => WriteUInt32BigEndian(target, RKey.Value);
}
