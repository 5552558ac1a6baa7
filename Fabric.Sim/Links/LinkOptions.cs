using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Links;

/// <summary>What a cable is like; both directions alike.</summary>
public sealed record LinkOptions
{
    public LinkType Type { get; init; } = LinkType.Ethernet;
    /// <summary>Bits per second; 0: frames take no time to send.</summary>
    public long BitsPerSecond { get; init; } = 100_000_000_000;
    public Duration Latency { get; init; } = Duration.FromNanoseconds(500);
    /// <summary>Bytes behind the link header; on InfiniBand payload, of which more than 4096 means 4096.</summary>
    public int Mtu { get; init; } = 9000;
    /// <summary>Ethernet: bytes that may wait to be sent; a frame that does not fit is dropped.</summary>
    public int QueueBytes { get; init; } = 64 << 20;
    /// <summary>InfiniBand: bytes of buffer for each virtual lane at either end; what its credits stand for.</summary>
    public int LaneBytes { get; init; } = 64 << 10;
    public FlowSeparation Flows { get; init; }
    public LinkImpairments Impairments { get; init; } = LinkImpairments.None;
    /// <summary>Names of the ports; none: the node's name and the port's number there, as <c>h1.p1</c>.</summary>
    public string? PortA { get; init; }
    public string? PortB { get; init; }
}
