using System.Globalization;
using System.Runtime.CompilerServices;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Tests.Mad.Sa;

/// <summary>One datagram between OpenSM and its clients, from tests/data/sa/captured.hex.</summary>
public sealed record CapturedSa(string Tool, int Length, MadMethod Method, string Attribute, byte[] Mad)
{
    private static readonly Lazy<IReadOnlyList<CapturedSa>> Loaded = new(Load);
    public static IReadOnlyList<CapturedSa> All => Loaded.Value;

    public static CapturedSa Find(string tool, MadMethod method) => All.First(c => c.Tool == tool && c.Method == method);

    private static List<CapturedSa> Load()
    {
        var list = new List<CapturedSa>();
        foreach (var line in File.ReadLines(DataFile()))
        {
            if (line.StartsWith('#')) continue;
            var parts = line.Split(' ');
            var mad = new byte[256];
            Convert.FromHexString(parts[4]).CopyTo(mad, 0);
            list.Add(new(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), (MadMethod)Convert.ToByte(parts[2], 16), parts[3], mad));
        }
        return list;
    }

    private static string DataFile([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "data", "sa", "captured.hex");
}
