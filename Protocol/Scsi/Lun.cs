using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>
/// A logical unit number as it travels: eight bytes, of which a single-level address uses the first two. SAM-5 §4.7.
/// </summary>
public readonly record struct Lun(ulong Value) : IComparable<Lun>
{
    public const int Length = 8;
    /// <summary>Highest number of the flat method.</summary>
    public const int MaxNumber = 0x3FFF;
    /// <summary>REPORT LUNS well-known logical unit, C101h.</summary>
    public static readonly Lun ReportLuns = new(0xC101_0000_0000_0000);

    /// <summary>Peripheral addressing below 256, flat above, as Linux does. SAM-5 §4.7.7.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0..16383.</exception>
    public static Lun From(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, MaxNumber);
        return new((ulong)(number < 256 ? number : 0x4000 | number) << 48);
    }

    /// <summary>The number of a single-level peripheral (bus 0) or flat address; -1 for every other form.</summary>
    public int Number => (Value & 0x0000_FFFF_FFFF_FFFF) != 0 ? -1 : (Value >> 62) switch
    {
        0 => (Value >> 56) == 0 ? (int)(Value >> 48) : -1,
        1 => (int)(Value >> 48) & MaxNumber,
        _ => -1,
    };

    public static Lun Read(ReadOnlySpan<byte> source) => new(ReadUInt64BigEndian(source));
    public void Write(Span<byte> target) => WriteUInt64BigEndian(target, Value);
    public int CompareTo(Lun other) => Value.CompareTo(other.Value);
    public override string ToString() => Number >= 0 ? Number.ToString(System.Globalization.CultureInfo.InvariantCulture) : $"0x{Value:x16}";
}
