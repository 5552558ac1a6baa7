using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim.Explore;

/// <summary>A run that failed, with what it takes to see it again.</summary>
/// <param name="Number">Number of the run, from 0.</param>
public sealed record ExplorationFailure(long Number, ulong Seed, RunResult Result, IReadOnlyList<ChoiceRecord> Choices);
