using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>FLUSH Extended Transport Header, of the memory placement extensions. IBA Vol 1 annex A19.</summary>
// bits 31..6 reserved | 5..4 selectivity | 3..0 placement type
public readonly record struct Feth(uint Bits)
{
    public const int Length = 4;

    public int PlacementType => (int)(Bits & 0x0F);
    public int Selectivity => (int)(Bits >> 4 & 3);

    public static bool TryRead(ReadOnlySpan<byte> source, out Feth feth)
    {
        feth = default;
        if (source.Length < Length) return false;
        feth = new(ReadUInt32BigEndian(source));
        return true;
    }

    public void Write(Span<byte> target) => WriteUInt32BigEndian(target, Bits);
}
