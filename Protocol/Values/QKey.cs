namespace Weft.Protocol.Values;

/// <summary>Queue key of datagram QPs. Bit 31 marks a controlled key. IBA Vol 1 §10.2.5.</summary>
public readonly record struct QKey(uint Value)
{
    /// <summary>The well-known key of QP1. IBA Vol 1 §3.9.5.</summary>
    public static readonly QKey Gsi = new(0x8001_0000);
    /// <summary>Key of the RDMA CM's UDP port space.</summary>
    public static readonly QKey RdmaUdp = new(0x0123_4567);
    public bool IsControlled => (Value & 0x8000_0000) != 0;
    public override string ToString() => $"0x{Value:x8}";
}
