namespace Weft.Fabric.Engine.Ports;

/// <summary>Timing and bounds of neighbour resolution. The defaults are those of Linux (base_reachable_time, retrans_time, *_solicit).</summary>
public sealed record NeighborLimits
{
    /// <summary>Requests before a neighbour counts as unreachable.</summary>
    public int Tries { get; init; } = 3;
    public Duration Interval { get; init; } = Duration.FromSeconds(1);
    /// <summary>How long an answer is good for; then the next packet also asks again, and goes on using the old address meanwhile.</summary>
    public Duration ReachableTime { get; init; } = Duration.FromSeconds(30);
    /// <summary>Frames that wait for one neighbour; one more throws out the oldest.</summary>
    public int PendingFrames { get; init; } = 64;
    /// <summary>Neighbours remembered; when all places are taken, those without traffic make room.</summary>
    public int Capacity { get; init; } = 16384;
}
