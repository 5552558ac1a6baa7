namespace Weft.Fabric.Sim.Explore;

/// <summary>What a scenario is given for one run of an exploration; it goes into <see cref="WorldOptions"/>.</summary>
/// <param name="Chooser">For <see cref="WorldOptions.Chooser"/>.</param>
/// <param name="Seed">For <see cref="WorldOptions.Seed"/>.</param>
/// <param name="Resources">For the world; shared by the runs of one explorer.</param>
public readonly record struct ExploredRun(IChooser Chooser, ulong Seed, WorldResources Resources);
