namespace Weft.Protocol.Values;

/// <summary>Packet Sequence Number: 24 bits, compared modulo 2^24. IBA Vol 1 §9.7.2.</summary>
public readonly record struct Psn
{
    public const uint Mask = 0xFF_FFFF;
    public uint Value { get; }
    public Psn(uint value) => Value = value & Mask;

    public Psn Next => new(Value + 1);
    public static Psn operator +(Psn a, uint n) => new(a.Value + n);
    public static Psn operator -(Psn a, uint n) => new(a.Value - n);
    /// <summary>Signed distance from <paramref name="b"/> to <paramref name="a"/>, in -2^23 .. 2^23-1.</summary>
    public static int operator -(Psn a, Psn b) => (int)((a.Value - b.Value) << 8) >> 8;
    public static bool operator <(Psn a, Psn b) => a - b < 0;
    public static bool operator >(Psn a, Psn b) => a - b > 0;
    public static bool operator <=(Psn a, Psn b) => a - b <= 0;
    public static bool operator >=(Psn a, Psn b) => a - b >= 0;
    public override string ToString() => $"0x{Value:x6}";
}
