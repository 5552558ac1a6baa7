namespace Weft.Protocol.Values;

/// <summary>An EUI-64: node, port or system image GUID. IBA Vol 1 §4.1.1.</summary>
public readonly record struct Guid64(ulong Value)
{
    public override string ToString() => $"0x{Value:x16}";
}
