using System.Globalization;
using Weft.Target.Luns;

namespace Weft.Scenarios.Live;

/// <summary>A LUN on the command line: <c>ram:SIZE</c>, <c>file:PATH[:SIZE]</c> or <c>null:SIZE</c>.</summary>
internal static class LunSpec
{
    public const string Help = "ram:SIZE | file:PATH[:SIZE] | null:SIZE, where SIZE is bytes, or a number with k, M, G or T";
    private const int BlockLength = 512;

    /// <summary>Opens the back end.</summary>
    /// <exception cref="FormatException">The specification is malformed.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static BackStore Open(string name, string spec)
    {
        var parts = spec.Split(':');
        return parts switch
        {
            ["ram", var size] => new RamStore(name, Blocks(size)),
            ["null", var size] => new NullStore(name, Blocks(size)),
            ["file", var path] => FileStore.Open(name, path),
            ["file", var path, var size] => FileStore.Create(name, path, Blocks(size)),
            _ => throw new FormatException($"'{spec}' is not a LUN; give {Help}"),
        };
    }

    private static ulong Blocks(string text)
    {
        var unit = text.Length > 0 ? text[^1] : ' ';
        var shift = unit switch { 'k' or 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        if (!ulong.TryParse(shift == 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0 || number > ulong.MaxValue >> shift)
            throw new FormatException($"'{text}' is not a size; give bytes, or a number with k, M, G or T");
        var bytes = number << shift;
        return bytes % BlockLength == 0 ? bytes / BlockLength : throw new FormatException($"'{text}' is not a multiple of {BlockLength} bytes");
    }
}
