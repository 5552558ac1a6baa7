namespace Weft.Scenarios.Timelines;

/// <summary>What a mark stands for.</summary>
internal enum TimelineMarkKind : byte
{
    /// <summary>A choice that was not answered with the unremarkable alternative.</summary>
    Choice,
    /// <summary>A link went up or down.</summary>
    Link,
    /// <summary>The claim that was broken; a timeline ends with it.</summary>
    Failure,
}
