using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Weft.Fabric.Sim.Choose;

/// <summary>Reads the form that <see cref="ChoiceLog"/> describes. Never throws, whatever the text.</summary>
internal sealed class ChoiceLogParser
{
    private readonly List<KeyValuePair<string, string>> settings = [];
    private readonly List<ChoiceRecord> choices = [];
    private readonly List<ChoiceLog.ZeroRun> zeroRuns = [];
    private readonly Dictionary<string, string> subjects = [];
    private string? scenario;
    private ulong? seed;
    private ChoiceKinds? open;
    private int announced = -1;
    private bool hasVersion;

    public bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ChoiceLog? log, out string error)
    {
        log = null;
        if (text.Length > ChoiceLog.SizeLimit)
        {
            error = $"{text.Length} characters; at most {ChoiceLog.SizeLimit} are read";
            return false;
        }
        var number = 0;
        foreach (var raw in text.EnumerateLines())
        {
            number++;
            var line = raw.Trim();
            if (line.IsEmpty || line[0] == '#') continue;
            var problem = announced >= 0 ? ReadChoice(line) : ReadHeader(line);
            if (problem is null) continue;
            error = $"line {number}: {problem}";
            return false;
        }
        error = Missing() ?? "";
        if (error.Length > 0) return false;
        log = new() { Scenario = scenario!, Settings = settings, Seed = seed!.Value, Open = open!.Value, Choices = choices, ZeroRuns = zeroRuns };
        return true;
    }

    private string? Missing()
    {
        if (!hasVersion) return "empty: the first line must be \"weft-choices 1\"";
        if (announced < 0) return "the header ends without a line \"choices COUNT\"";
        return choices.Count < announced ? $"the text ends after {choices.Count} of {announced} choices" : null;
    }

    private string? ReadHeader(ReadOnlySpan<char> line)
    {
        var word = NextWord(ref line);
        if (!hasVersion)
        {
            if (!word.SequenceEqual("weft-choices")) return "not a choice log: the first line must be \"weft-choices 1\"";
            if (!TryInt(line, out var version) || version != ChoiceLog.Version) return $"version {Shorten(line)} is not known, only {ChoiceLog.Version}";
            hasVersion = true;
            return null;
        }
        switch (word)
        {
            case "scenario":
                if (scenario is not null) return "a second scenario";
                if (line.IsEmpty) return "the scenario has no name";
                scenario = line.ToString();
                return null;
            case "set":
                var equals = line.IndexOf('=');
                if (equals <= 0) return $"a setting must be KEY=VALUE, not \"{Shorten(line)}\"";
                settings.Add(new(line[..equals].ToString(), line[(equals + 1)..].ToString()));
                return null;
            case "seed":
                if (seed is not null) return "a second seed";
                if (!TryHex(line, out var value)) return $"the seed must be 0x and up to 16 hexadecimal digits, not \"{Shorten(line)}\"";
                seed = value;
                return null;
            case "open":
                if (open is not null) return "a second line of open kinds";
                if (!ChoiceKinds.TryParse(line, out var kinds)) return $"unknown kind of choice in \"{Shorten(line)}\"";
                open = kinds;
                return null;
            case "choices":
                if (scenario is null || seed is null || open is null) return "scenario, seed and open must come before choices";
                if (!TryInt(line, out var count) || count > ChoiceLog.CountLimit)
                    return $"the number of choices must be 0 to {ChoiceLog.CountLimit}, not \"{Shorten(line)}\"";
                announced = count;
                return null;
            default:
                return $"unknown line \"{Shorten(word)}\"";
        }
    }

    private string? ReadChoice(ReadOnlySpan<char> line)
    {
        if (choices.Count == announced) return $"more than the {announced} choices announced";
        var whole = line;
        var word = NextWord(ref line);
        if (word.SequenceEqual("zeros")) return ReadZeros(line);
        if (!ChoiceKinds.TryParseKind(word, out var kind)) return $"unknown kind of choice \"{Shorten(word)}\"";
        var last = LastWord(ref line);
        var middle = LastWord(ref line);
        if (line.IsEmpty || middle.IsEmpty) return $"a choice must be KIND SUBJECT ALTERNATIVES CHOSEN, not \"{Shorten(whole)}\"";
        var subject = Intern(line);
        if (middle[^1] == 'b')
        {
            if (!TryInt(middle[..^1], out var bits) || bits is < 1 or > 64) return $"a draw has 1 to 64 bits, not \"{Shorten(middle)}\"";
            if (!TryHex(last, out var value) || (bits < 64 && value >> bits != 0)) return $"\"{Shorten(last)}\" is no value of {bits} bits";
            choices.Add(new(kind, subject, 0, 0, bits, value));
            return null;
        }
        if (!TryInt(middle, out var alternatives) || alternatives < 2) return $"the number of alternatives must be 2 or more, not \"{Shorten(middle)}\"";
        if (!TryInt(last, out var chosen) || chosen >= alternatives) return $"the choice must be 0 to {alternatives - 1}, not \"{Shorten(last)}\"";
        choices.Add(new(kind, subject, alternatives, chosen));
        return null;
    }

    private string? ReadZeros(ReadOnlySpan<char> line)
    {
        var word = NextWord(ref line);
        if (!TryInt(word, out var count) || count < 1) return $"a run of zeros needs a length, not \"{Shorten(word)}\"";
        if (count > announced - choices.Count) return $"{count} zeros are more than the {announced - choices.Count} choices that are left";
        if (line.Length != 8 || !uint.TryParse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var check))
            return $"a run of zeros needs a check of 8 hexadecimal digits, not \"{Shorten(line)}\"";
        zeroRuns.Add(new(choices.Count, count, check));
        for (var i = 0; i < count; i++) choices.Add(new(ChoiceKind.Delivery, "", 0, 0));
        return null;
    }

    private string Intern(ReadOnlySpan<char> text)
    {
        var lookup = subjects.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(text, out var known)) subjects.Add(known = text.ToString(), known);
        return known;
    }

    private static ReadOnlySpan<char> NextWord(ref ReadOnlySpan<char> line)
    {
        var end = line.IndexOf(' ');
        var word = end < 0 ? line : line[..end];
        line = end < 0 ? [] : line[end..].Trim();
        return word;
    }

    private static ReadOnlySpan<char> LastWord(ref ReadOnlySpan<char> line)
    {
        var start = line.LastIndexOf(' ');
        var word = line[(start + 1)..];
        line = start < 0 ? [] : line[..start].Trim();
        return word;
    }

    private static bool TryInt(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static bool TryHex(ReadOnlySpan<char> text, out ulong value)
    {
        value = 0;
        return text.StartsWith("0x") && ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static string Shorten(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}…";
}
