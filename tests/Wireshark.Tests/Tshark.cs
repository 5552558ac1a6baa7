using System.Diagnostics;

namespace Weft.Wireshark.Tests;

/// <summary>
/// Runs the real tshark over a capture with the checked-in profile and dissectors, away from the configuration of the user.
/// Guard tests with <see cref="TsharkFactAttribute"/> or <see cref="TsharkTheoryAttribute"/>, which skip by name where tshark is absent.
/// </summary>
public static class Tshark
{
    // Not a printable character, so that no expert message or Info text can contain it.
    private const char Separator = '\u001F', Aggregator = '\u001E';

    private static readonly Lazy<(string? Path, string Version)> Found = new(Find);
    private static readonly Lazy<string> Home = new(PrepareHome);

    /// <summary>Null where tshark can run; otherwise the reason and the remedy.</summary>
    public static string? SkipReason =>
        Found.Value.Path is null ? "tshark was not found on PATH; install it (Debian: apt install tshark) or name it in WEFT_TSHARK" : null;

    /// <summary>First line of <c>tshark --version</c>; empty where tshark is absent.</summary>
    public static string Version => Found.Value.Version;

    /// <summary>The objections of tshark to each frame of a capture, one entry per frame.</summary>
    /// <param name="capture">A pcap or pcapng file.</param>
    /// <param name="stock">True for tshark as it comes: neither profile nor dissectors.</param>
    public static IReadOnlyList<TsharkFrame> Examine(string capture, bool stock = false)
    {
        var rows = RawFields(capture, ["frame.number", "_ws.malformed", "_ws.lua.error", "_ws.expert.severity", "_ws.expert.message"], null, stock);
        return [.. rows.Select(ToFrame)];
    }

    /// <summary>The values of fields, one row per frame, one column per field; several values of a field are joined by " / ".</summary>
    /// <param name="capture">A pcap or pcapng file.</param>
    /// <param name="fields">Field names as in a display filter.</param>
    /// <param name="filter">Display filter that picks frames; null for all.</param>
    /// <param name="stock">True for tshark as it comes: neither profile nor dissectors.</param>
    public static IReadOnlyList<string[]> Fields(string capture, IReadOnlyList<string> fields, string? filter = null, bool stock = false) =>
        [.. RawFields(capture, fields, filter, stock).Select(row => row.Select(value => value.Replace($"{Aggregator}", " / ", StringComparison.Ordinal)).ToArray())];

    private static IEnumerable<string[]> RawFields(string capture, IReadOnlyList<string> fields, string? filter, bool stock)
    {
        List<string> arguments = ["-r", capture, "-n", "-T", "fields", "-E", $"separator={Separator}", "-E", $"aggregator={Aggregator}"];
        if (filter is not null) arguments.AddRange(["-Y", filter]);
        foreach (var field in fields) arguments.AddRange(["-e", field]);
        var output = Run(arguments, stock).Output;
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(Separator));
    }

    /// <summary>Runs tshark to its end. Throws when it fails, or when it complains of a Lua script.</summary>
    public static (string Output, string Errors) Run(IReadOnlyList<string> arguments, bool stock = false)
    {
        var (exitCode, output, errors) = TryRun(arguments, stock);
        if (exitCode != 0) throw new InvalidOperationException($"tshark {string.Join(' ', arguments)} ended with {exitCode}: {errors}");
        if (errors.Contains("Lua", StringComparison.OrdinalIgnoreCase)) throw new InvalidOperationException($"tshark complains: {errors}");
        return (output, errors);
    }

    /// <summary>Runs tshark to its end, whatever that is.</summary>
    public static (int ExitCode, string Output, string Errors) TryRun(IReadOnlyList<string> arguments, bool stock = false)
    {
        var start = new ProcessStartInfo(Found.Value.Path ?? throw new InvalidOperationException(SkipReason))
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (!stock)
        {
            start.ArgumentList.Add("-C");
            start.ArgumentList.Add("weft");
            start.ArgumentList.Add("-X");
            start.ArgumentList.Add($"lua_script:{Path.Combine(Repository.Root, "Wireshark", "dissectors", "weft.lua")}");
        }
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        Isolate(start, Home.Value);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    /// <summary>Makes a process see <paramref name="home"/> as the home of a user without settings of their own.</summary>
    internal static void Isolate(ProcessStartInfo start, string home)
    {
        foreach (var name in start.Environment.Keys.Where(key => key.StartsWith("WIRESHARK_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        start.Environment["HOME"] = home;
        start.Environment["XDG_CONFIG_HOME"] = Path.Combine(home, ".config");
        start.Environment["TZ"] = "UTC";
        start.Environment["LC_ALL"] = "C.UTF-8";
    }

    private static TsharkFrame ToFrame(string[] row)
    {
        string[] severities = Split(row[3]), messages = Split(row[4]);
        var experts = severities.Select((severity, i) => ((ExpertSeverity)int.Parse(severity), i < messages.Length ? messages[i] : ""));
        return new(int.Parse(row[0]), row[1].Length > 0, row[2], [.. experts]);

        static string[] Split(string value) => value.Length == 0 ? [] : value.Split(Aggregator);
    }

    private static (string?, string) Find()
    {
        var candidates = Environment.GetEnvironmentVariable("WEFT_TSHARK") is { Length: > 0 } named
            ? [named]
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(directory => Path.Combine(directory, "tshark"));
        var path = candidates.FirstOrDefault(File.Exists);
        if (path is null) return (null, "");
        using var process = Process.Start(new ProcessStartInfo(path, "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var version = process.StandardOutput.ReadToEnd().Split('\n')[0].TrimEnd('.', '\r');
        process.WaitForExit();
        _ = errors.Result;
        return (path, version);
    }

    private static string PrepareHome()
    {
        var home = Path.Combine(AppContext.BaseDirectory, "tshark-home");
        if (Directory.Exists(home)) Directory.Delete(home, recursive: true);
        var profile = Path.Combine(home, ".config", "wireshark", "profiles", "weft");
        Directory.CreateDirectory(profile);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "Wireshark", "profile")))
            File.Copy(file, Path.Combine(profile, Path.GetFileName(file)));
        return home;
    }
}
