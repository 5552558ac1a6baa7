using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>Datagram Extended Transport Header. IBA Vol 1 §9.3.2.</summary>
// 0 Q_Key | 4 reserved | 5 SrcQP:24
public readonly record struct Deth(QKey QKey, Qpn SourceQp, byte Reserved = 0)
{
    public const int Length = 8;

    public static bool TryRead(ReadOnlySpan<byte> source, out Deth deth)
    {
        deth = default;
        if (source.Length < Length) return false;
        deth = new(new(ReadUInt32BigEndian(source)), new(UInt24.Read(source[5..])), source[4]);
        return true;
    }

    public void Write(Span<byte> target)
    {
        UInt24.Write(target[5..], SourceQp.Value);
        WriteUInt32BigEndian(target, QKey.Value);
        target[4] = Reserved;
    }
}
