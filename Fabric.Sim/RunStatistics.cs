namespace Weft.Fabric.Sim;

/// <summary>What a run did.</summary>
public record struct RunStatistics
{
    public long Events;
    /// <summary>Choices of more than one alternative, by whomever answered.</summary>
    public long Choices;
    public long FramesSent;
    public long FramesDelivered;
    public long FramesDropped;
    /// <summary>Of all: those that a link lost or damaged by chance.</summary>
    public long FramesLost;
    /// <summary>Those that a link doubled, delayed or let others pass by chance.</summary>
    public long FramesDisturbed;
    public Instant Time;

    public static RunStatistics operator +(RunStatistics a, RunStatistics b) => new()
    {
        Events = a.Events + b.Events,
        Choices = a.Choices + b.Choices,
        FramesSent = a.FramesSent + b.FramesSent,
        FramesDelivered = a.FramesDelivered + b.FramesDelivered,
        FramesDropped = a.FramesDropped + b.FramesDropped,
        FramesLost = a.FramesLost + b.FramesLost,
        FramesDisturbed = a.FramesDisturbed + b.FramesDisturbed,
        Time = Instant.Max(a.Time, b.Time),
    };
}
