namespace Weft.Protocol.Values;

/// <summary>Queue Pair Number, 24 bits. 0 is the SMI, 1 the GSI, 0xFFFFFF the multicast group. IBA Vol 1 §9.2.6.</summary>
public readonly record struct Qpn
{
    public static readonly Qpn Smi = new(0);
    public static readonly Qpn Gsi = new(1);
    public static readonly Qpn Multicast = new(0xFF_FFFF);
    public uint Value { get; }
    public Qpn(uint value) => Value = value & 0xFF_FFFF;
    public override string ToString() => $"0x{Value:x6}";
}
