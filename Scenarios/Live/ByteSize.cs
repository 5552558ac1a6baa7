using System.Globalization;

namespace Weft.Scenarios.Live;

/// <summary>A number of bytes on the command line: <c>4096</c>, <c>64k</c>, <c>16M</c>, <c>1G</c>, <c>2T</c>, in powers of 1024.</summary>
internal static class ByteSize
{
    /// <exception cref="FormatException">Not a number of bytes, zero, or too large.</exception>
    public static long Parse(string text) =>
        TryParse(text, out var bytes) && bytes > 0 ? bytes : throw new FormatException($"'{text}' is not a size; give bytes, or a number with k, M, G or T");

    /// <exception cref="FormatException">Not a number of bytes.</exception>
    public static long ParseOffset(string text) =>
        TryParse(text, out var bytes) ? bytes : throw new FormatException($"'{text}' is not an offset; give bytes, or a number with k, M, G or T");

    /// <summary>In the largest unit that divides it.</summary>
    public static string Format(long bytes)
    {
        var unit = 0;
        while (bytes != 0 && bytes % 1024 == 0 && unit < 4) (bytes, unit) = (bytes / 1024, unit + 1);
        return FormattableString.Invariant($"{bytes} {(unit == 0 ? "" : "kMGT"[(unit - 1)..unit].ToUpperInvariant() + "i")}B");
    }

    private static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var shift = text.Length == 0 ? 0 : text[^1] switch { 'k' or 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        if (!long.TryParse(shift == 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue >> shift) return false;
        bytes = number << shift;
        return true;
    }
}
