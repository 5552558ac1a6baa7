using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Weft.Fabric.Sim.Choose;

/// <summary>
/// A run on paper: what was run, from which seed, and every answer of an open kind. A text file:
/// <code>
/// weft-choices 1
/// scenario NAME
/// set KEY=VALUE            (one line each)
/// seed 0x…
/// open KIND…
/// choices COUNT
/// KIND SUBJECT ALTERNATIVES CHOSEN
/// KIND SUBJECT BITSb 0xVALUE   (a draw)
/// zeros COUNT CHECK        (a run of choices of alternative 0; the check is a hash of what they were about)
/// </code>
/// Lines that start with # and blank ones are skipped. Zeros at the end are left out. Names in it are a scenario's own.
/// </summary>
public sealed record ChoiceLog
{
    public const int Version = 1;
    /// <summary>Longest file that is read, in characters, and most choices in it.</summary>
    public const int SizeLimit = 64 << 20, CountLimit = 16 << 20;
    /// <summary>A run of zeros shorter than this is written in full.</summary>
    private const int ShortestRun = 3;

    public string Scenario { get; init; } = "";
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];
    public ulong Seed { get; init; }
    public ChoiceKinds Open { get; init; }
    public IReadOnlyList<ChoiceRecord> Choices { get; init; } = [];

    /// <summary>A chooser that gives these answers and, where only a check is kept, verifies it.</summary>
    public ReplayChooser ToChooser(bool isLenient = false) => new(Choices, ZeroRuns, Seed, isLenient);

    internal IReadOnlyList<ZeroRun> ZeroRuns { get; init; } = [];

    /// <summary>A run of zeros of which only the number and a hash were written.</summary>
    internal readonly record struct ZeroRun(int Start, int Count, uint Check);

    public override string ToString()
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"weft-choices {Version}\n").Append(culture, $"scenario {Scenario}\n");
        foreach (var (key, value) in Settings) text.Append(culture, $"set {key}={value}\n");
        text.Append(culture, $"seed 0x{Seed:X}\n").Append(culture, $"open {Open}\n");
        var count = Choices.Count;
        while (count > 0 && Choices[count - 1].IsDefault) count--;
        text.Append(culture, $"choices {count}\n");
        var zeroRun = 0;
        for (var i = 0; i < count;)
        {
            // A run that was read as a hash has nothing else to be written from.
            while (zeroRun < ZeroRuns.Count && ZeroRuns[zeroRun].Start < i) zeroRun++;
            if (zeroRun < ZeroRuns.Count && ZeroRuns[zeroRun].Start == i)
            {
                text.Append(culture, $"zeros {ZeroRuns[zeroRun].Count} {ZeroRuns[zeroRun].Check:x8}\n");
                i += ZeroRuns[zeroRun].Count;
                continue;
            }
            var end = i;
            while (end < count && Choices[end].IsDefault && Choices[end].Subject.Length > 0) end++;
            if (end - i >= ShortestRun)
            {
                text.Append(culture, $"zeros {end - i} {CheckOf(Choices, i, end):x8}\n");
                i = end;
            }
            else text.Append(culture, $"{Choices[i++]}\n");
        }
        return text.ToString();
    }

    internal const uint EmptyCheck = 2166136261;

    internal static uint CheckOf(IReadOnlyList<ChoiceRecord> choices, int start, int end)
    {
        var hash = EmptyCheck;
        for (var i = start; i < end; i++) hash = CheckOf(hash, choices[i].Kind, choices[i].Subject, choices[i].Alternatives);
        return hash;
    }

    /// <summary>FNV-1a over kind, subject and number of alternatives.</summary>
    internal static uint CheckOf(uint hash, ChoiceKind kind, string subject, int alternatives)
    {
        hash = (hash ^ (byte)kind) * 16777619;
        foreach (var letter in subject) hash = (hash ^ letter) * 16777619;
        return (hash ^ (uint)alternatives) * 16777619;
    }

    /// <summary>Reads a log. The error names the line and what is wrong with it.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ChoiceLog? log, out string error) =>
        new ChoiceLogParser().TryParse(text, out log, out error);
}
