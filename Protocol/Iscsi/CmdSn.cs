namespace Weft.Protocol.Iscsi;

/// <summary>Command sequence number, also ExpCmdSN and MaxCmdSN: 32-bit serial arithmetic (RFC 1982). RFC 7143 §4.2.2.1.</summary>
public readonly record struct CmdSn(uint Value)
{
    public CmdSn Next => new(Value + 1);
    public static CmdSn operator +(CmdSn a, uint n) => new(a.Value + n);
    public static CmdSn operator -(CmdSn a, uint n) => new(a.Value - n);
    /// <summary>Signed distance from <paramref name="b"/> to <paramref name="a"/>.</summary>
    public static int operator -(CmdSn a, CmdSn b) => (int)(a.Value - b.Value);
    public static bool operator <(CmdSn a, CmdSn b) => a - b < 0;
    public static bool operator >(CmdSn a, CmdSn b) => a - b > 0;
    public static bool operator <=(CmdSn a, CmdSn b) => a - b <= 0;
    public static bool operator >=(CmdSn a, CmdSn b) => a - b >= 0;
    public override string ToString() => $"{Value:x}";
}
