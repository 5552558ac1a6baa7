namespace Weft.Protocol.Values;

/// <summary>A moment on an executor's clock, in nanoseconds since that clock started: virtual in simulation, monotonic on hardware.</summary>
public readonly record struct Instant(long Nanoseconds) : IComparable<Instant>
{
    public static readonly Instant Zero;
    /// <summary>Later than every moment: a deadline that never comes.</summary>
    public static readonly Instant Never = new(long.MaxValue);
    public bool IsNever => Nanoseconds == long.MaxValue;

    public static Instant operator +(Instant a, Duration d) => a.IsNever || d.IsInfinite ? Never : new(a.Nanoseconds + d.Nanoseconds);
    public static Duration operator -(Instant a, Instant b) => new(a.Nanoseconds - b.Nanoseconds);
    public static Instant operator -(Instant a, Duration d) => new(a.Nanoseconds - d.Nanoseconds);
    public static bool operator <(Instant a, Instant b) => a.Nanoseconds < b.Nanoseconds;
    public static bool operator >(Instant a, Instant b) => a.Nanoseconds > b.Nanoseconds;
    public static bool operator <=(Instant a, Instant b) => a.Nanoseconds <= b.Nanoseconds;
    public static bool operator >=(Instant a, Instant b) => a.Nanoseconds >= b.Nanoseconds;
    public static Instant Min(Instant a, Instant b) => a <= b ? a : b;
    public static Instant Max(Instant a, Instant b) => a >= b ? a : b;
    public int CompareTo(Instant other) => Nanoseconds.CompareTo(other.Nanoseconds);
    public override string ToString() => IsNever ? "never" : FormattableString.Invariant($"+{Nanoseconds / 1_000_000_000}.{Nanoseconds % 1_000_000_000:000000000} s");
}
