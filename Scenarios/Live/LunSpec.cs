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
        var bytes = ByteSize.Parse(text);
        return bytes % BlockLength == 0 ? (ulong)(bytes / BlockLength) : throw new FormatException($"'{text}' is not a multiple of {BlockLength} bytes");
    }
}
