namespace Weft.Fabric.Sim.Links;

/// <summary>
/// What can go wrong with a frame on one direction of a link. Rates are per million frames. A rate of zero asks no question; any other
/// asks one for each frame, and alternative 0 is always that nothing happens.
/// </summary>
public sealed record LinkImpairments
{
    public static LinkImpairments None { get; } = new();

    /// <summary>The frame is lost.</summary>
    public int LossPpm { get; init; }
    /// <summary>One bit of the frame, link header included, is inverted.</summary>
    public int CorruptionPpm { get; init; }
    /// <summary>The frame arrives twice.</summary>
    public int DuplicationPpm { get; init; }
    /// <summary>The frame is held back, and up to <see cref="ReorderDistance"/> later ones may pass it.</summary>
    public int ReorderingPpm { get; init; }
    /// <summary>By how many later frames a frame is passed at most.</summary>
    public int ReorderDistance { get; init; } = 3;
    /// <summary>How long a frame is held back for each frame that may pass it.</summary>
    public Duration ReorderGap { get; init; } = Duration.FromMicroseconds(2);
    /// <summary>The frame, and what follows it, arrives later, by 1 to <see cref="DelaySteps"/> times <see cref="DelayStep"/>.</summary>
    public int DelayPpm { get; init; }
    public Duration DelayStep { get; init; } = Duration.FromMicroseconds(10);
    public int DelaySteps { get; init; } = 4;

    internal bool IsNone => LossPpm == 0 && CorruptionPpm == 0 && DuplicationPpm == 0 && ReorderingPpm == 0 && DelayPpm == 0;
}
