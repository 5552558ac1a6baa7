namespace Weft.Fabric.Sim.Choose;

/// <summary>One run of <see cref="Explore.PctStrategy"/>.</summary>
public sealed class PctChooser : IOrderChooser
{
    private readonly SeededChooser others = new(0);
    private readonly Dictionary<ulong, long> priorities = [];
    private readonly List<int> changes = [];
    private ulong state;
    private int nextChange;

    public bool SeesEveryEvent => true;
    public bool Reduces => false;
    /// <summary>Events of the run so far.</summary>
    public int Steps { get; private set; }

    /// <param name="length">Number of events expected, among which the change points are drawn.</param>
    public void Reset(ulong seed, int depth, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(depth);
        others.Reset(seed);
        state = SplitMix.Mix(seed);
        priorities.Clear();
        changes.Clear();
        for (var i = 1; i < depth; i++) changes.Add(Below(length));
        changes.Sort();
        nextChange = 0;
        Steps = 0;
    }

    public int Choose(int n, in ChoicePoint why) => others.Choose(n, in why);
    public ulong Draw(int bits, in ChoicePoint why) => others.Draw(bits, in why);

    public int ChooseEvent(ReadOnlySpan<Candidate> candidates, in ChoicePoint why)
    {
        var best = Highest(candidates);
        while (nextChange < changes.Count && changes[nextChange] == Steps)
        {
            // Below every first priority, and below the change before: they are positive, these are not.
            priorities[candidates[best].Source] = -++nextChange;
            best = Highest(candidates);
        }
        Steps++;
        return best;
    }

    public void OnExecuted(ReadOnlySpan<ulong> touched, Withdrawal withdrawn)
    {
    }

    private int Highest(ReadOnlySpan<Candidate> candidates)
    {
        var best = 0;
        var highest = long.MinValue;
        for (var i = 0; i < candidates.Length; i++)
        {
            if (!priorities.TryGetValue(candidates[i].Source, out var priority))
                priorities.Add(candidates[i].Source, priority = 1 + (long)(SplitMix.Next(ref state) >> 2));
            if (priority <= highest) continue;
            (highest, best) = (priority, i);
        }
        return best;
    }

    private int Below(int n) => (int)Math.BigMul(SplitMix.Next(ref state), (ulong)n, out _);
}
