namespace Weft.Scenarios.Timelines;

/// <summary>Something that happened at one place, or everywhere.</summary>
/// <param name="Column">Of the host; -1: not of one host.</param>
internal sealed record TimelineMark(Instant At, int Column, TimelineMarkKind Kind, string Text);
