using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>Atomic Extended Transport Header. IBA Vol 1 §9.3.4. FetchAdd puts its addend in <paramref name="SwapOrAdd"/>.</summary>
// 0 VA:64 | 8 R_Key | 12 swap or add:64 | 20 compare:64
public readonly record struct AtomicEth(ulong VirtualAddress, RKey RKey, ulong SwapOrAdd, ulong Compare)
{
    public const int Length = 28;

    public static bool TryRead(ReadOnlySpan<byte> source, out AtomicEth atomic)
    {
        atomic = default;
        if (source.Length < Length) return false;
        atomic = new(ReadUInt64BigEndian(source), new(ReadUInt32BigEndian(source[8..])), ReadUInt64BigEndian(source[12..]), ReadUInt64BigEndian(source[20..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt64BigEndian(target[20..], Compare);
        WriteUInt64BigEndian(target, VirtualAddress);
        WriteUInt32BigEndian(target[8..], RKey.Value);
        WriteUInt64BigEndian(target[12..], SwapOrAdd);
    }
}
