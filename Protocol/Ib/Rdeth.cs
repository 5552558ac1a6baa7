using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>Reliable Datagram Extended Transport Header: the end-to-end context. IBA Vol 1 §9.3.1. Read in captures only.</summary>
// 0 reserved | 1 EE context:24
public readonly record struct Rdeth(uint EeContext, byte Reserved = 0)
{
    public const int Length = 4;

    public static bool TryRead(ReadOnlySpan<byte> source, out Rdeth rdeth)
    {
        rdeth = default;
        if (source.Length < Length) return false;
        rdeth = new(UInt24.Read(source[1..]), source[0]);
        return true;
    }

    public void Write(Span<byte> target) => WriteUInt32BigEndian(target, (uint)Reserved << 24 | EeContext & 0xFF_FFFF);
}
