namespace Weft.Scenarios.Bench;

/// <summary>One line of the bench's table.</summary>
/// <param name="What">What was measured, short.</param>
/// <param name="Figure">By the wall clock; what has no rate has its figure here alone.</param>
internal sealed record Measurement(string Group, string What, double Figure, string Unit)
{
    /// <summary>The same rate by processor time: what an idle machine's core would do.</summary>
    public double? PerProcessorSecond { get; init; }
    public double? Goal { get; init; }
    /// <summary>The goal is a bound from above.</summary>
    public bool IsCost { get; init; }
    /// <summary>What the machine could do if nothing but the unavoidable copies and checksums took time.</summary>
    public double? Limit { get; init; }
    /// <summary>What else is to be said.</summary>
    public string? Note { get; init; }

    /// <summary>The figure on one core, free of what other programs take.</summary>
    public double Best => PerProcessorSecond ?? Figure;
    public bool? IsMet => Goal is not { } goal ? null : IsCost ? Figure <= goal : Best >= goal;
    /// <summary>Above 1 is better than the goal. None where the goal is zero.</summary>
    public double? OfGoal => Goal is not { } goal || goal == 0 ? null : IsCost ? goal / Figure : Best / goal;
    public double? OfLimit => Best / Limit;
}
