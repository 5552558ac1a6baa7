using System.Numerics;

namespace Weft.Scenarios.Tools.Disk;

/// <summary>Counts latencies in buckets 1.6 % wide: 64 for each doubling, from a nanosecond up. No allocation per value.</summary>
internal sealed class LatencyHistogram
{
    private const int Steps = 64, StepBits = 6;

    private readonly long[] buckets = new long[64 * Steps];
    private long total;

    public long Count { get; private set; }
    public Duration Least { get; private set; } = Duration.Infinite;
    public Duration Most { get; private set; }
    public Duration Mean => Count == 0 ? Duration.Zero : new(total / Count);

    public void Add(Duration value)
    {
        Count++;
        total += value.Nanoseconds;
        if (value < Least) Least = value;
        if (value > Most) Most = value;
        buckets[Index(value.Nanoseconds)]++;
    }

    /// <param name="share">0..1.</param>
    /// <returns>The upper end of the bucket below which that share lies.</returns>
    public Duration Percentile(double share)
    {
        var left = (long)Math.Ceiling(share * Count);
        for (var i = 0; i < buckets.Length; i++)
        {
            left -= buckets[i];
            if (left <= 0 && Count > 0) return new(Math.Min(Top(i), Most.Nanoseconds));
        }
        return Duration.Zero;
    }

    private static int Index(long value)
    {
        if (value < Steps) return (int)Math.Max(0, value);
        var exponent = BitOperations.Log2((ulong)value);
        return (exponent - StepBits + 1) * Steps + (int)(value >> (exponent - StepBits)) - Steps;
    }

    private static long Top(int index)
    {
        if (index < Steps) return index;
        var shift = index / Steps - 1;
        return ((long)(index % Steps + Steps + 1) << shift) - 1;
    }
}
