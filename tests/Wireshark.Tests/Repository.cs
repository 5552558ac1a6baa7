namespace Weft.Wireshark.Tests;

/// <summary>Places in the source tree: tests read the profile, the dissectors and the captures where they lie.</summary>
public static class Repository
{
    /// <summary>The directory of Weft.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Captures of real Linux peers.</summary>
    public static string Captures => Path.Combine(Root, "tests", "data", "captures");

    /// <summary>Golden captures of our own runs, and the approved listings of all.</summary>
    public static string Golden => Path.Combine(Root, "Wireshark", "golden");

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Weft.slnx"))) return directory.FullName;
        throw new InvalidOperationException($"no Weft.slnx above {AppContext.BaseDirectory}");
    }
}
