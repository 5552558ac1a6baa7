using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim.Explore;

/// <summary>
/// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte 2010): every lane has a random priority, the highest runs;
/// at depth-1 random moments the one that is about to run falls below all others. It finds a bug that needs d orderings with probability of
/// at least 1/(n·k^(d-1)) for n lanes and k events. Choices that order nothing follow their odds.
/// </summary>
/// <param name="depth">d, 1 or more.</param>
public sealed class PctStrategy(ulong seed, int depth, long first = 0, long stride = 1) : IStrategy
{
    private readonly PctChooser chooser = new();
    private long number = first;
    private int longest = 32;

    public string Name => "pct";

    public IChooser? Next(out ulong runSeed)
    {
        runSeed = RandomStrategy.SeedOf(seed, number);
        number += stride;
        chooser.Reset(SplitMix.Mix(~runSeed), depth, longest);
        return chooser;
    }

    public void Completed(RunResult result) => longest = Math.Max(longest, chooser.Steps);

    public string Describe() => FormattableString.Invariant($"depth {depth}, longest run {longest} events");
}
