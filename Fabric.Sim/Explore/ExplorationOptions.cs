namespace Weft.Fabric.Sim.Explore;

/// <summary>How far an exploration goes.</summary>
public sealed record ExplorationOptions
{
    /// <summary>Most runs, cut ones included.</summary>
    public long Budget { get; init; } = long.MaxValue;
    /// <summary>Asked after each run: false ends it. A limit of time lives here, for there are no clocks below.</summary>
    public Func<ExplorationProgress, bool>? Continue { get; init; }
    /// <summary>How many failures end it; further ones of the same run numbers are not looked for.</summary>
    public int FailureLimit { get; init; } = 1;
    /// <summary>Told about progress after so many runs, and at the end.</summary>
    public Action<ExplorationProgress>? Progress { get; init; }
    public long ProgressInterval { get; init; } = 100;
    /// <summary>Number of the first run, and distance of the numbers: where several workers share a campaign.</summary>
    public long First { get; init; }
    public long Stride { get; init; } = 1;
}
