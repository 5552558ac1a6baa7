#pragma warning disable RS0030 // the one place where a real fabric reads the machine's clock
using System.Diagnostics;

namespace Weft.Fabric.Hw;

/// <summary>The machine's monotonic clock, counted from when it was made.</summary>
public sealed class HwClock
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private readonly long start = Stopwatch.GetTimestamp();

    public Instant Now
    {
        get
        {
            var ticks = Stopwatch.GetTimestamp() - start;
            return new(Stopwatch.Frequency == NanosecondsPerSecond ? ticks : (long)((Int128)ticks * NanosecondsPerSecond / Stopwatch.Frequency));
        }
    }
}
