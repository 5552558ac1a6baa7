namespace Weft.Fabric.Sim.Nodes;

/// <summary>What an InfiniBand switch is like; everything else is set by subnet management.</summary>
public sealed record IbSwitchOptions
{
    /// <summary>From the arrival of a packet to its place in the output queue.</summary>
    public Duration ForwardingDelay { get; init; } = Duration.FromNanoseconds(200);
}
