namespace Weft.Protocol.Values;

/// <summary>Local key of a memory region. Index in bits 31..8, consumer-owned key in bits 7..0. IBA Vol 1 §10.6.3.</summary>
public readonly record struct LKey(uint Value)
{
    public override string ToString() => $"0x{Value:x8}";
}
