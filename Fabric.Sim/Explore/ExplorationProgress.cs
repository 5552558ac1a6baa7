namespace Weft.Fabric.Sim.Explore;

/// <summary>How far an exploration has come.</summary>
public readonly record struct ExplorationProgress(long Runs, long Cut, long Failed, long Events);
