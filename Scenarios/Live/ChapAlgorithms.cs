using Weft.Protocol.Iscsi.Login;

namespace Weft.Scenarios.Live;

/// <summary>CHAP algorithms as open-iscsi's chap_algs names them.</summary>
internal static class ChapAlgorithms
{
    private static readonly (string Name, ChapAlgorithm Algorithm)[] Names =
        [("SHA3-256", ChapAlgorithm.Sha3_256), ("SHA256", ChapAlgorithm.Sha256), ("SHA1", ChapAlgorithm.Sha1), ("MD5", ChapAlgorithm.Md5)];

    public static string Help => string.Join(',', Names.Select(n => n.Name));

    /// <exception cref="FormatException">A name is not one of these, or given twice.</exception>
    public static IReadOnlyList<ChapAlgorithm> Parse(string list)
    {
        var algorithms = new List<ChapAlgorithm>();
        foreach (var name in list.Split(','))
        {
            var index = Array.FindIndex(Names, n => n.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (index < 0) throw new FormatException($"'{name}' is no CHAP algorithm; there are {Help}");
            if (algorithms.Contains(Names[index].Algorithm)) throw new FormatException($"{name} is there twice");
            algorithms.Add(Names[index].Algorithm);
        }
        return algorithms;
    }
}
