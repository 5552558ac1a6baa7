namespace Weft.Protocol.Iscsi;

/// <summary>Status sequence number of a connection, also ExpStatSN: 32-bit serial arithmetic (RFC 1982). RFC 7143 §4.2.2.2.</summary>
public readonly record struct StatSn(uint Value)
{
    public StatSn Next => new(Value + 1);
    public static StatSn operator +(StatSn a, uint n) => new(a.Value + n);
    public static StatSn operator -(StatSn a, uint n) => new(a.Value - n);
    /// <summary>Signed distance from <paramref name="b"/> to <paramref name="a"/>.</summary>
    public static int operator -(StatSn a, StatSn b) => (int)(a.Value - b.Value);
    public static bool operator <(StatSn a, StatSn b) => a - b < 0;
    public static bool operator >(StatSn a, StatSn b) => a - b > 0;
    public static bool operator <=(StatSn a, StatSn b) => a - b <= 0;
    public static bool operator >=(StatSn a, StatSn b) => a - b >= 0;
    public override string ToString() => $"{Value:x}";
}
