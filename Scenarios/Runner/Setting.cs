using System.Globalization;

namespace Weft.Scenarios.Runner;

/// <summary>Something of a scenario that <c>--set name=value</c> changes.</summary>
/// <param name="Unit">What the number counts, e.g. <c>ms</c>, <c>per million</c>, <c>commands</c>.</param>
public sealed record Setting(string Name, long Default, long Minimum, long Maximum, string Unit, string Description)
{
    /// <summary>Words for the values from 0 on, where numbers say nothing; numbers are taken too.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The value as it is written: a word where there is one.</summary>
    public string Text(long value) => value >= 0 && value < Words.Count ? Words[(int)value] : $"{value}";

    public bool TryParse(string text, out long value)
    {
        for (value = 0; value < Words.Count; value++)
            if (Words[(int)value] == text) return true;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= Minimum && value <= Maximum;
    }

    /// <summary>What may be set, for messages.</summary>
    public string Range => Words.Count > 0 ? string.Join(" or ", Words) : $"a whole number from {Minimum} to {Maximum} ({Unit})";
}
