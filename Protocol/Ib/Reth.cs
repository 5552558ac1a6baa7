using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>RDMA Extended Transport Header. IBA Vol 1 §9.3.3.</summary>
/// <param name="DmaLength">Bytes of the whole message; above 2^31 it is a fault of the peer (§9.4.3), which the responder NAKs.</param>
// 0 VA:64 | 8 R_Key | 12 DMALen
public readonly record struct Reth(ulong VirtualAddress, RKey RKey, uint DmaLength)
{
    public const int Length = 16;

    public static bool TryRead(ReadOnlySpan<byte> source, out Reth reth)
    {
        reth = default;
        if (source.Length < Length) return false;
        reth = new(ReadUInt64BigEndian(source), new(ReadUInt32BigEndian(source[8..])), ReadUInt32BigEndian(source[12..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt32BigEndian(target[12..], DmaLength);
        WriteUInt64BigEndian(target, VirtualAddress);
        WriteUInt32BigEndian(target[8..], RKey.Value);
    }
}
