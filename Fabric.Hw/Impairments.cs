using System.Globalization;

namespace Weft.Fabric.Hw;

/// <summary>What a bad wire does to frames of both directions: chances in parts per million, and the seed that they are drawn from.</summary>
public sealed record Impairments
{
    private const int Whole = 1_000_000;

    /// <summary>The frame is lost.</summary>
    public int LossPpm { get; init; }
    /// <summary>The next frame of its direction passes it.</summary>
    public int ReorderPpm { get; init; }
    /// <summary>The frame arrives twice.</summary>
    public int DuplicatePpm { get; init; }
    public ulong Seed { get; init; } = 1;

    /// <summary>Reads <c>loss=2%,reorder=1%,duplicate=0.5%,seed=7</c>; each part may be missing.</summary>
    /// <exception cref="FormatException">A part is malformed; the message says which.</exception>
    public static Impairments Parse(string text)
    {
        var result = new Impairments();
        foreach (var part in text.Split(','))
        {
            result = part.Split('=') switch
            {
                ["loss", var share] => result with { LossPpm = Share(share) },
                ["reorder", var share] => result with { ReorderPpm = Share(share) },
                ["duplicate", var share] => result with { DuplicatePpm = Share(share) },
                ["seed", var number] when ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) => result with { Seed = seed },
                _ => throw new FormatException($"'{part}' is not an impairment; give loss=2%, reorder=1%, duplicate=1% or seed=N, separated by commas"),
            };
        }
        return result;
    }

    private static int Share(string text) =>
        text.EndsWith('%') && decimal.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent <= 100
            ? (int)(percent * Whole / 100)
            : throw new FormatException($"'{text}' is not a share; give a percentage such as 2% or 0.1%");
}
