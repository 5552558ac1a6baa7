namespace Weft.Protocol.Values;

/// <summary>Local identifier of an InfiniBand port: 0 none, 1..0xBFFF unicast, 0xC000..0xFFFE multicast, 0xFFFF permissive. IBA Vol 1 §4.1.3.</summary>
public readonly record struct Lid(ushort Value)
{
    public static readonly Lid None;
    public static readonly Lid Permissive = new(0xFFFF);
    public bool IsMulticast => Value is >= 0xC000 and < 0xFFFF;
    public override string ToString() => $"0x{Value:x4}";
}
