namespace Weft.Scenarios.Runner;

/// <summary>A step asked for something that only a simulated world has, in a run on real links.</summary>
public sealed class NeedsSimulationException(string what) : InvalidOperationException($"the step needs {what}, which real links do not have");
