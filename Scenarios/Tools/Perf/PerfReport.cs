namespace Weft.Scenarios.Tools.Perf;

/// <summary>A line of a bandwidth test. Rates in MiB/s (or Gbit/s when asked for), messages in millions a second.</summary>
internal readonly record struct PerfReport(long Size, long Iterations, double Peak, double Average, double MessageRate)
{
    /// <summary>Both directions together.</summary>
    public PerfReport Plus(PerfReport other) => this with { Peak = Peak + other.Peak, Average = Average + other.Average, MessageRate = MessageRate + other.MessageRate };
}
