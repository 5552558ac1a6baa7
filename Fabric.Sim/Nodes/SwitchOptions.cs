namespace Weft.Fabric.Sim.Nodes;

/// <summary>What an Ethernet switch is like.</summary>
public sealed record SwitchOptions
{
    /// <summary>From the arrival of a frame to its place in the output queue.</summary>
    public Duration ForwardingDelay { get; init; } = Duration.FromNanoseconds(300);
    /// <summary>Addresses that it remembers; when the table is full, frames for others are flooded.</summary>
    public int TableSize { get; init; } = 16384;
}
