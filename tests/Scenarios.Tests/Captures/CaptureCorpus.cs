using System.Reflection;
using Weft.Scenarios.Captures;

namespace Weft.Scenarios.Tests.Captures;

/// <summary>Captures of real Linux peers, in tests/data/captures (README there says what each shows), checked once.</summary>
internal static class CaptureCorpus
{
    public static IReadOnlyList<FileInfo> Files { get; } =
        [.. Directory.GetFiles(Metadata("CaptureFolder"), "*.pcap").Order(StringComparer.Ordinal).Select(f => new FileInfo(f))];

    private static readonly Lazy<IReadOnlyList<CaptureReport>> Checked = new(() => [.. Files.Select(f => CaptureFile.Check(f, checksRules: true, isComplete: false))]);

    public static IReadOnlyList<CaptureReport> Reports => Checked.Value;
    public static FileInfo Find(string name) => Files.Single(f => f.Name == name);
    public static CaptureReport Report(string name) => Reports.Single(r => r.File == name);

    public static string Metadata(string key) =>
        typeof(CaptureCorpus).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
