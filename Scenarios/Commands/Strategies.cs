using System.Globalization;
using Weft.Fabric.Sim.Explore;

namespace Weft.Scenarios.Commands;

/// <summary>Strategies by their names on the command line.</summary>
internal static class Strategies
{
    public const string Help = "exhaustive | exhaustive-full (no reduction) | random | pct[:DEPTH] | delay[:BOUND]";

    /// <summary>Makes a strategy.</summary>
    /// <param name="first">Number of the first run, and the distance to the next: where workers share a campaign.</param>
    public static IStrategy? TryCreate(string text, ulong seed, long first = 0, long stride = 1)
    {
        var parts = text.Split(':', 2);
        var number = 3;
        if (parts.Length == 2 && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out number) || number is < 1 or > 100)) return null;
        return (parts[0], parts.Length) switch
        {
            ("exhaustive", 1) => new ExhaustiveStrategy(seed: seed),
            ("exhaustive-full", 1) => new ExhaustiveStrategy(Reduction.None, seed),
            ("random", 1) => new RandomStrategy(seed, first, stride),
            ("pct", _) => new PctStrategy(seed, number, first, stride),
            ("delay", _) => new DelayBoundedStrategy(number, seed),
            _ => null,
        };
    }

    /// <summary>Whether several workers can share a campaign of this strategy.</summary>
    public static bool CanBeShared(string text) => text == "random" || text.StartsWith("pct", StringComparison.Ordinal);
}
