using System.Buffers.Binary;

namespace Weft.Protocol.Srp;

/// <summary>A memory descriptor: a range of the initiator's memory. SRP r16a §5.6.2.1.</summary>
public readonly record struct SrpDescriptor(ulong Address, RKey Key, uint Size)
{
    public const int Length = 16;

    public static SrpDescriptor Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(source), new(BinaryPrimitives.ReadUInt32BigEndian(source[8..])), BinaryPrimitives.ReadUInt32BigEndian(source[12..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, Address);
        BinaryPrimitives.WriteUInt32BigEndian(target[8..], Key.Value);
        BinaryPrimitives.WriteUInt32BigEndian(target[12..], Size);
    }
}
