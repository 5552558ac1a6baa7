using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>Immediate data, opaque to the transport; the first byte on the wire is the most significant here. IBA Vol 1 §9.3.6.</summary>
public readonly record struct ImmDt(uint Value)
{
    public const int Length = 4;

    public static bool TryRead(ReadOnlySpan<byte> source, out ImmDt immediate)
    {
        immediate = default;
        if (source.Length < Length) return false;
        immediate = new(ReadUInt32BigEndian(source));
        return true;
    }

    public void Write(Span<byte> target) => WriteUInt32BigEndian(target, Value);
}
