using System.Runtime.CompilerServices;

namespace Weft.Protocol.Tests.Cm;

/// <summary>One CM datagram of a Linux peer, from tests/data/cm/captured.hex.</summary>
public sealed record CapturedCm(string Capture, int Frame, string Message, byte[] Mad)
{
    private static readonly Lazy<IReadOnlyList<CapturedCm>> Loaded = new(Load);
    public static IReadOnlyList<CapturedCm> All => Loaded.Value;

    public static CapturedCm Find(string capture, int frame) => All.Single(c => c.Capture == capture && c.Frame == frame);

    private static IReadOnlyList<CapturedCm> Load()
    {
        var list = new List<CapturedCm>();
        foreach (var line in File.ReadLines(Path.Combine(DataDirectory(), "cm", "captured.hex")))
        {
            if (line.StartsWith('#')) continue;
            var parts = line.Split(' ');
            var mad = new byte[256];
            Convert.FromHexString(parts[3]).CopyTo(mad, 0);
            list.Add(new(parts[0], int.Parse(parts[1]), parts[2], mad));
        }
        return list;
    }

    internal static string DataDirectory([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "data");

    public override string ToString() => $"{Capture} frame {Frame} {Message}";
}
