using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>Atomic Acknowledge Extended Transport Header: what stood in the responder's memory before. IBA Vol 1 §9.5.3.</summary>
public readonly record struct AtomicAckEth(ulong Original)
{
    public const int Length = 8;

    public static bool TryRead(ReadOnlySpan<byte> source, out AtomicAckEth atomic)
    {
        atomic = default;
        if (source.Length < Length) return false;
        atomic = new(ReadUInt64BigEndian(source));
        return true;
    }

    public void Write(Span<byte> target) => WriteUInt64BigEndian(target, Original);
}
