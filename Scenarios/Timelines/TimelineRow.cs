namespace Weft.Scenarios.Timelines;

/// <summary>One line of a drawing: a message that leaves, one that arrives, both at once when nothing comes between, or a mark.</summary>
internal readonly record struct TimelineRow(Instant At, TimelineMessage? Sends, TimelineMessage? Arrives, TimelineMark? Mark)
{
    public bool IsWhole => Sends is not null && ReferenceEquals(Sends, Arrives);
}
