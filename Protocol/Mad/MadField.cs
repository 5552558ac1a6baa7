using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Mad;

/// <summary>
/// One field of a MAD: where it is, how wide, and how it is shown. Management attributes have dozens of fields of odd width; a table of
/// these reads, writes and prints them. Bit 7 of a byte is its most significant one, and a field runs from there towards less
/// significant bits and later bytes. IBA Vol 1 §13.4.1.
/// </summary>
public sealed class MadField
{
    private readonly Func<ulong, string>? naming;
    private readonly ulong mask; // of the value; 0: the field is bytes
    private readonly int windowShift; // from the value to where it lies in the eight bytes from Offset on, which hold every number whole

    /// <param name="name">Name, as it is printed.</param>
    /// <param name="offset">Byte in which the field starts.</param>
    /// <param name="highBit">Most significant bit of the field in that byte, 7..0.</param>
    /// <param name="width">Width in bits: up to 64 for numbers (57 when they do not start on a byte), any whole number of bytes otherwise.</param>
    /// <param name="format">How it is shown.</param>
    /// <param name="naming">Names for the values of an enumeration; shown instead of the number.</param>
    public MadField(string name, int offset, int highBit, int width, MadFieldFormat format = MadFieldFormat.Decimal, Func<ulong, string>? naming = null)
    {
        var wide = format is MadFieldFormat.Gid or MadFieldFormat.Bytes or MadFieldFormat.Text;
        if (offset < 0 || highBit is < 0 or > 7 || width < 1 || (wide ? highBit != 7 || width % 8 != 0 : width > 64 || (width > 57 && highBit != 7)))
            throw new ArgumentException($"field {name}: offset {offset}, high bit {highBit}, width {width} is not a field");
        (Name, BitOffset, Width, Format, this.naming) = (name, offset * 8 + 7 - highBit, width, format, naming);
        if (wide) return;
        windowShift = 64 - (BitOffset & 7) - width;
        mask = ulong.MaxValue >> (64 - width);
    }

    /// <summary>A field that starts on a byte.</summary>
    public MadField(string name, int offset, int width, MadFieldFormat format = MadFieldFormat.Decimal, Func<ulong, string>? naming = null)
        : this(name, offset, 7, width, format, naming)
    {
    }

    public string Name { get; }
    /// <summary>First bit, counted from the most significant bit of byte 0.</summary>
    public int BitOffset { get; }
    /// <summary>Width in bits.</summary>
    public int Width { get; }
    public MadFieldFormat Format { get; }
    /// <summary>First byte that holds a bit of the field.</summary>
    public int Offset => BitOffset >> 3;
    /// <summary>Bytes that hold bits of the field.</summary>
    public int ByteCount => (BitOffset + Width + 7 >> 3) - Offset;
    /// <summary>Whether the value is bytes and not a number.</summary>
    public bool IsWide => Format is MadFieldFormat.Gid or MadFieldFormat.Bytes or MadFieldFormat.Text;

    /// <summary>The number in the field. Not for fields of bytes.</summary>
    public ulong Read(ReadOnlySpan<byte> source)
    {
        if (mask == 0) throw new InvalidOperationException($"field {Name} is bytes");
        if (source.Length - Offset >= sizeof(ulong)) return ReadUInt64BigEndian(source[Offset..]) >> windowShift & mask;
        ulong value = 0; // at the end of the attribute: no more bytes than the field has
        foreach (var b in source.Slice(Offset, ByteCount)) value = value << 8 | b;
        return value >> (ByteCount * 8 - (BitOffset & 7) - Width) & mask;
    }

    /// <summary>Writes the number and leaves the bits around it alone. Not for fields of bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number has more bits than the field.</exception>
    public void Write(Span<byte> target, ulong value)
    {
        if (mask == 0) throw new InvalidOperationException($"field {Name} is bytes");
        if (value > mask) throw new ArgumentOutOfRangeException(nameof(value), value, $"field {Name} has {Width} bits");
        if (target.Length - Offset >= sizeof(ulong))
        {
            var window = target[Offset..];
            WriteUInt64BigEndian(window, ReadUInt64BigEndian(window) & ~(mask << windowShift) | value << windowShift);
            return;
        }
        var shift = ByteCount * 8 - (BitOffset & 7) - Width;
        var kept = ~(mask << shift);
        value <<= shift;
        for (var i = Offset + ByteCount - 1; i >= Offset; i--, value >>= 8, kept >>= 8) target[i] = (byte)(target[i] & (byte)kept | (byte)value);
    }

    /// <summary>The bytes of a field of bytes.</summary>
    public ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> source) => source.Slice(Offset, ByteCount);

    /// <summary>The bytes of a field of bytes, to be written.</summary>
    public Span<byte> Bytes(Span<byte> target) => target.Slice(Offset, ByteCount);

    /// <summary>Copies the field's bits and no others.</summary>
    public void Copy(ReadOnlySpan<byte> source, Span<byte> target)
    {
        if (IsWide) Bytes(source).CopyTo(Bytes(target));
        else Write(target, Read(source));
    }

    /// <summary>Whether every bit of the field is zero.</summary>
    public bool IsZero(ReadOnlySpan<byte> source) => IsWide ? Bytes(source).IndexOfAnyExcept((byte)0) < 0 : Read(source) == 0;

    /// <summary>Appends the value as it is shown.</summary>
    public void PrintValue(ReadOnlySpan<byte> source, StringBuilder text)
    {
        switch (Format)
        {
            case MadFieldFormat.Gid:
                text.Append(Gid.Read(Bytes(source)).ToString());
                break;
            case MadFieldFormat.Bytes:
                var bytes = Bytes(source);
                var last = bytes.LastIndexOfAnyExcept((byte)0);
                text.Append(last < 0 ? "-" : Convert.ToHexStringLower(bytes[..(last + 1)]));
                break;
            case MadFieldFormat.Text:
                foreach (var b in Bytes(source))
                {
                    if (b == 0) break;
                    text.Append(b is >= 0x20 and < 0x7F ? (char)b : '.');
                }
                break;
            default:
                text.Append(ValueText(Read(source)));
                break;
        }
    }

    private string ValueText(ulong value) => naming?.Invoke(value) ?? Format switch
    {
        MadFieldFormat.Hex => $"0x{value.ToString($"x{(Width + 3) / 4}")}",
        MadFieldFormat.Guid => new Guid64(value).ToString(),
        MadFieldFormat.Time => $"{value} ({CodedTime.ToDuration((int)value & 0x1F)})",
        _ => value.ToString(),
    };

    public override string ToString() => $"{Name} @{Offset}.{7 - (BitOffset & 7)}:{Width}";
}
