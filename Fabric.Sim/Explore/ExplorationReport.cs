namespace Weft.Fabric.Sim.Explore;

/// <summary>What an exploration did.</summary>
public sealed record ExplorationReport
{
    public string Strategy { get; init; } = "";
    /// <summary>Runs that passed or failed.</summary>
    public long Runs { get; init; }
    /// <summary>Runs given up because all that could follow was equivalent to runs made.</summary>
    public long Cut { get; init; }
    public long Failed { get; init; }
    /// <summary>The first failures, in the order of their numbers.</summary>
    public IReadOnlyList<ExplorationFailure> Failures { get; init; } = [];
    /// <summary>Whether nothing is left to try.</summary>
    public bool IsExhausted { get; init; }
    /// <summary>Most open choices in one run.</summary>
    public int MostChoices { get; init; }
    public RunStatistics Total { get; init; }
    /// <summary>What the strategy says of itself.</summary>
    public string Details { get; init; } = "";

    /// <summary>One report of several workers that shared a campaign; the same whatever their speed.</summary>
    public static ExplorationReport Merge(IReadOnlyList<ExplorationReport> parts)
    {
        var failures = new List<ExplorationFailure>();
        foreach (var part in parts) failures.AddRange(part.Failures);
        failures.Sort((a, b) => a.Number.CompareTo(b.Number));
        var total = default(RunStatistics);
        foreach (var part in parts) total += part.Total;
        return new()
        {
            Strategy = parts[0].Strategy,
            Runs = parts.Sum(part => part.Runs),
            Cut = parts.Sum(part => part.Cut),
            Failed = parts.Sum(part => part.Failed),
            Failures = failures,
            IsExhausted = parts.All(part => part.IsExhausted),
            MostChoices = parts.Max(part => part.MostChoices),
            Total = total,
            Details = parts[0].Details,
        };
    }

    public override string ToString() => FormattableString.Invariant(
        $"{Strategy}: {Runs} runs, {Failed} failed, {Cut} cut as equivalent{(IsExhausted ? ", nothing left to try" : "")}, at most {MostChoices} choices in a run");
}
