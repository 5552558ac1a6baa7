namespace Weft.Protocol.Values;

/// <summary>Remote key of a memory region or window; iSER calls it STag. IBA Vol 1 §10.6.3.</summary>
public readonly record struct RKey(uint Value)
{
    /// <summary>The same index with the consumer-owned low byte advanced, so that a stale key fails. IBA Vol 1 §10.6.3.4.</summary>
    public RKey NextKey() => new((Value & 0xFFFF_FF00) | ((Value + 1) & 0xFF));
    public override string ToString() => $"0x{Value:x8}";
}
