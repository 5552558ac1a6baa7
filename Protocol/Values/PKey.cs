namespace Weft.Protocol.Values;

/// <summary>Partition key: 15 bits of partition and the membership bit (1 = full). IBA Vol 1 §10.9.1.</summary>
public readonly record struct PKey(ushort Value)
{
    public static readonly PKey Default = new(0xFFFF);
    public bool IsFullMember => (Value & 0x8000) != 0;
    public int Partition => Value & 0x7FFF;
    /// <summary>Whether two keys may talk: the same valid partition, and at least one full member. IBA Vol 1 §10.9.3.</summary>
    public bool Matches(PKey other) => Partition == other.Partition && Partition != 0 && ((Value | other.Value) & 0x8000) != 0;
    public override string ToString() => $"0x{Value:x4}";
}
