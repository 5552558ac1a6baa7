namespace Weft.Scenarios.Runner;

/// <summary>Something of a scenario that <c>--set name=value</c> changes.</summary>
/// <param name="Unit">What the number counts, e.g. <c>ms</c>, <c>per million</c>, <c>commands</c>.</param>
public sealed record Setting(string Name, long Default, long Minimum, long Maximum, string Unit, string Description);
