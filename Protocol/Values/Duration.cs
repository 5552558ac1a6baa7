namespace Weft.Protocol.Values;

/// <summary>A span of time in nanoseconds. Finer than <see cref="TimeSpan"/>, whose tick (100 ns) is longer than a small packet.</summary>
public readonly record struct Duration(long Nanoseconds) : IComparable<Duration>
{
    public static readonly Duration Zero;
    public static readonly Duration Infinite = new(long.MaxValue);
    public bool IsInfinite => Nanoseconds == long.MaxValue;
    public double TotalSeconds => Nanoseconds / 1e9;

    public static Duration FromNanoseconds(long value) => new(value);
    public static Duration FromMicroseconds(double value) => new((long)(value * 1e3));
    public static Duration FromMilliseconds(double value) => new((long)(value * 1e6));
    public static Duration FromSeconds(double value) => new((long)(value * 1e9));

    public static Duration operator +(Duration a, Duration b) => a.IsInfinite || b.IsInfinite ? Infinite : new(a.Nanoseconds + b.Nanoseconds);
    public static Duration operator -(Duration a, Duration b) => new(a.Nanoseconds - b.Nanoseconds);
    public static Duration operator *(Duration a, long n) => a.IsInfinite ? Infinite : new(a.Nanoseconds * n);
    public static Duration operator /(Duration a, long n) => new(a.Nanoseconds / n);
    public static bool operator <(Duration a, Duration b) => a.Nanoseconds < b.Nanoseconds;
    public static bool operator >(Duration a, Duration b) => a.Nanoseconds > b.Nanoseconds;
    public static bool operator <=(Duration a, Duration b) => a.Nanoseconds <= b.Nanoseconds;
    public static bool operator >=(Duration a, Duration b) => a.Nanoseconds >= b.Nanoseconds;
    public int CompareTo(Duration other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public override string ToString() => Nanoseconds switch
    {
        long.MaxValue => "infinite",
        >= 1_000_000_000 or <= -1_000_000_000 => FormattableString.Invariant($"{Nanoseconds / 1e9:0.######} s"),
        >= 1_000_000 or <= -1_000_000 => FormattableString.Invariant($"{Nanoseconds / 1e6:0.######} ms"),
        >= 1_000 or <= -1_000 => FormattableString.Invariant($"{Nanoseconds / 1e3:0.###} us"),
        _ => FormattableString.Invariant($"{Nanoseconds} ns"),
    };
}
