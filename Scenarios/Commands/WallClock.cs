#pragma warning disable RS0030 // how long the program takes is the one thing it reads from a real clock; no run depends on it
using System.Diagnostics;

namespace Weft.Scenarios.Commands;

/// <summary>Wall time since it was made: for budgets, progress and rates.</summary>
internal sealed class WallClock
{
    private readonly long start = Stopwatch.GetTimestamp();

    public double Seconds => Stopwatch.GetElapsedTime(start).TotalSeconds;
}
