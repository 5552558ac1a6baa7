using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>XRC Extended Transport Header: the shared receive queue that a request is for. IBA Vol 1 annex A14.</summary>
// 0 reserved | 1 XRC SRQ:24
public readonly record struct Xrceth(uint Srq, byte Reserved = 0)
{
    public const int Length = 4;

    public static bool TryRead(ReadOnlySpan<byte> source, out Xrceth xrceth)
    {
        xrceth = default;
        if (source.Length < Length) return false;
        xrceth = new(UInt24.Read(source[1..]), source[0]);
        return true;
    }

    public void Write(Span<byte> target) => WriteUInt32BigEndian(target, (uint)Reserved << 24 | Srq & 0xFF_FFFF);
}
