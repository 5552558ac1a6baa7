namespace Weft.Scenarios.Tools.Perf;

/// <summary>A line of a latency test, in microseconds for one message of two sides, or for one READ or atomic.</summary>
internal sealed record LatencyReport(long Size, long Iterations)
{
    public double Least { get; init; }
    public double Most { get; init; }
    /// <summary>The median.</summary>
    public double Typical { get; init; }
    public double Average { get; init; }
    public double Deviation { get; init; }
    public double Percentile99 { get; init; }
    public double Percentile999 { get; init; }
    /// <summary>Runs by duration: round trips a second.</summary>
    public double PerSecond { get; init; }
}
