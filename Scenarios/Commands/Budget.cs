using System.Globalization;

namespace Weft.Scenarios.Commands;

/// <summary>How long an exploration may go on: a number of schedules, or a wall time.</summary>
internal readonly record struct Budget(long Schedules, double Seconds)
{
    /// <summary>Reads <c>10000</c>, <c>30s</c>, <c>5m</c> or <c>1h</c>.</summary>
    public static bool TryParse(string text, out Budget budget)
    {
        budget = new(long.MaxValue, double.PositiveInfinity);
        var unit = text.Length > 0 ? text[^1] : ' ';
        var factor = unit switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        if (!long.TryParse(factor == 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0) return false;
        budget = factor == 0 ? budget with { Schedules = number } : budget with { Seconds = (double)number * factor };
        return true;
    }
}
