namespace Weft.Fabric.Execution;

/// <summary>Why a choice is asked for. Cheap to make: text is only built when a log or a message needs it.</summary>
/// <param name="Kind">What the choice decides.</param>
/// <param name="Subject">Stable name of the place, e.g. <c>h1</c>, <c>link h1-s1</c>; never derived from type or method names.</param>
/// <param name="OddsPerMillion">With two alternatives: how often a random chooser takes alternative 1, 0..1,000,000. Negative: uniform.</param>
public readonly record struct ChoicePoint(ChoiceKind Kind, string Subject, int OddsPerMillion = -1);
