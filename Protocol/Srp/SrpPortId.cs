using System.Buffers.Binary;

namespace Weft.Protocol.Srp;

/// <summary>
/// A 16-byte SRP port identifier. With I/O class 0x0100 (rev. 16a) an initiator's is extension then GUID, a target's id_ext then
/// ioc_guid; with 0xFF00 (rev. 10) the halves are swapped. SRP r16a annex B.
/// </summary>
public readonly record struct SrpPortId(ulong High, ulong Low)
{
    public const int Length = 16;

    public static SrpPortId Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[8..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, High);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Low);
    }

    public override string ToString() => $"{High:x16}{Low:x16}";
}
