namespace Weft.Fabric.Verbs;

/// <summary>Limits and identity of a device, as ibv_query_device reports them.</summary>
public sealed record DeviceAttributes
{
    public required string Name { get; init; }
    public required Guid64 NodeGuid { get; init; }
    public int MaxQp { get; init; } = 65536;
    public int MaxQpWr { get; init; } = 16384;
    public int MaxSge { get; init; } = 32;
    public int MaxCq { get; init; } = 65536;
    public int MaxCqe { get; init; } = 1 << 20;
    public int MaxMr { get; init; } = 1 << 20;
    public int MaxSrq { get; init; } = 8192;
    public int MaxSrqWr { get; init; } = 65536;
    /// <summary>READs and atomics of one QP that the device can hold as responder.</summary>
    public int MaxQpRdAtomic { get; init; } = 128;
    /// <summary>READs and atomics of one QP that the device can have outstanding as requester.</summary>
    public int MaxQpInitRdAtomic { get; init; } = 128;
    public int MaxFastRegistrationSegments { get; init; } = 512;
    public int MaxInline { get; init; } = 512;
    /// <summary>Local CA ACK delay code, 0..31.</summary>
    public byte AckDelay { get; init; } = 15;
    /// <summary>Longest message in bytes: 2^31. IBA Vol 1 §9.7.7.</summary>
    public uint MaxMessage { get; init; } = 1u << 31;
}
