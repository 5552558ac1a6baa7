using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim.Explore;

/// <summary>
/// Each run from a seed of its own: run i of a campaign has the same seed wherever it is made, so several workers can share the numbers.
/// </summary>
/// <param name="first">Number of this worker's first run.</param>
/// <param name="stride">Distance between its runs: the number of workers.</param>
public sealed class RandomStrategy(ulong seed, long first = 0, long stride = 1) : IStrategy
{
    private readonly SeededChooser chooser = new(0);
    private long number = first;

    public string Name => "random";

    /// <summary>Seed of a run of a campaign.</summary>
    public static ulong SeedOf(ulong campaign, long number) => number == 0 ? campaign : SplitMix.Mix(campaign ^ SplitMix.Mix((ulong)number));

    public IChooser? Next(out ulong runSeed)
    {
        runSeed = SeedOf(seed, number);
        number += stride;
        // Not the very stream that answers closed kinds.
        chooser.Reset(SplitMix.Mix(~runSeed));
        return chooser;
    }

    public void Completed(RunResult result)
    {
    }
}
