using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Sense-key specific bytes of ILLEGAL REQUEST: which byte, and perhaps bit, was refused. SPC-4 §4.5.2.4.2.</summary>
/// <param name="InCdb">The offset counts in the CDB; otherwise in the parameter list.</param>
/// <param name="Byte">Offset of the field's first byte, 0..65535.</param>
/// <param name="Bit">Leftmost bit of the field, 7..0, or -1 when no bit is named.</param>
public readonly record struct FieldPointer(bool InCdb, ushort Byte, sbyte Bit = -1)
{
    public const int Length = 3;

    public static FieldPointer Cdb(int offset, int bit = -1) => new(true, (ushort)offset, (sbyte)bit);
    public static FieldPointer Parameter(int offset, int bit = -1) => new(false, (ushort)offset, (sbyte)bit);

    /// <summary>Reads three bytes; false when the valid bit (SKSV) is clear or the source is short.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out FieldPointer pointer)
    {
        pointer = default;
        if (source.Length < Length || (source[0] & 0x80) == 0) return false;
        pointer = new((source[0] & 0x40) != 0, ReadUInt16BigEndian(source[1..]), (source[0] & 0x08) != 0 ? (sbyte)(source[0] & 7) : (sbyte)-1);
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[0] = (byte)(0x80 | (InCdb ? 0x40 : 0) | (Bit >= 0 ? 0x08 | Bit & 7 : 0));
        WriteUInt16BigEndian(target[1..], Byte);
    }

    public override string ToString() => $"{(InCdb ? "CDB" : "parameter list")} byte {Byte}{(Bit >= 0 ? $" bit {Bit}" : "")}";
}
