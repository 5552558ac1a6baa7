using System.Globalization;
using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim.Explore;

/// <summary>
/// Makes every run there is, depth first, by running the scenario again for each; with a <see cref="Reduction"/>, one of each class of
/// runs that differ only in the order of events that commute. Two events commute when what they touched is disjoint (see
/// <c>Footprint</c>); they are ordered anyway when one caused the other, when both keep the natural order, or when the latest time of one
/// is before the earliest of the other. Under the rules of <see cref="OrderOptions"/> the possible runs of a class are exactly the orders
/// that keep those, so leaving out all but one loses nothing. Conditions of <see cref="World.Until(Func{bool}, string)"/> that come and go
/// are outside of this argument.
/// </summary>
/// <param name="seed">For what is not open, and for draws.</param>
public sealed class ExhaustiveStrategy(Reduction reduction = Reduction.SourceSets, ulong seed = 1) : IStrategy, IOrderChooser
{
    private readonly SeededChooser draws = new(0);
    private readonly List<SearchStep> path = [];
    private readonly List<SearchEvent> events = [];
    private readonly List<SearchStep.Sleeper> sleepers = [];
    private readonly RaceFinder races = new();
    private readonly OrderCounter counter = new();
    private int depth;      // steps of the current run so far
    private int length;     // steps that are on the path
    private int eventCount; // events of the current run so far
    private int firstNew;   // events of the current run before this one are those of the last run
    private bool isCut;

    public string Name => "exhaustive";
    public Reduction Reduction { get; } = reduction;
    /// <summary>Runs that went to their end.</summary>
    public long Complete { get; private set; }
    /// <summary>Runs given up half-way because all that could follow was equivalent to runs made.</summary>
    public long Cut { get; private set; }
    /// <summary>Alternatives never tried because what they begin is equivalent to runs made. Each stands for one run or more.</summary>
    public long LeftOut { get; private set; }
    /// <summary>Whether to count, with source sets, the orders that each complete run stands for. It costs about as much as the run.</summary>
    public bool CountsOrders { get; init; }
    /// <summary>With <see cref="CountsOrders"/>: the orders that the complete runs stand for, themselves included.</summary>
    public double Orders { get; private set; }
    /// <summary>Whether there are more, because some were too many to be counted.</summary>
    public bool HasMoreOrders { get; private set; }
    /// <summary>Most choices in one run.</summary>
    public int MaxDepth { get; private set; }
    /// <summary>Whether nothing is left to try.</summary>
    public bool IsExhausted { get; private set; }
    /// <summary>Races whose other order was not among the alternatives where it was looked for; all alternatives were tried instead.</summary>
    public long Fallbacks => races.Fallbacks;

    bool IOrderChooser.SeesEveryEvent => Reduction != Reduction.None;
    bool IOrderChooser.Reduces => Reduction != Reduction.None;

    public IChooser? Next(out ulong runSeed)
    {
        runSeed = seed;
        if (IsExhausted) return null;
        draws.Reset(seed);
        depth = eventCount = 0;
        isCut = false;
        sleepers.Clear();
        return this;
    }

    public void Completed(RunResult result)
    {
        if (isCut) Cut++;
        else Complete++;
        var choices = 0;
        for (var i = 0; i < depth; i++)
            if (path[i].Alternatives > 1) choices++;
        MaxDepth = Math.Max(MaxDepth, choices);
        if (depth < length)
            throw new InvalidOperationException($"the scenario is not deterministic: the run ended after {depth} steps, but the same choices led further before");
        if (Reduction == Reduction.SourceSets)
        {
            races.Find(events, eventCount, firstNew, path);
            WantTheVanished();
            if (CountsOrders && !isCut)
            {
                Orders += counter.Count(events, eventCount, out var isExact);
                HasMoreOrders |= !isExact;
            }
        }
        IsExhausted = !StepBack();
    }

    public string Describe()
    {
        if (Reduction == Reduction.None) return FormattableString.Invariant($"no reduction, at most {MaxDepth} choices in a run");
        var text = FormattableString.Invariant(
            $"{Complete} complete and {Cut} cut runs, {LeftOut} alternatives left out as equivalent, at most {MaxDepth} choices in a run");
        if (!CountsOrders || Reduction != Reduction.SourceSets) return text;
        var orders = Orders.ToString(Orders < 1e15 ? "0" : "0.###e+0", CultureInfo.InvariantCulture);
        return $"{text}; they stand for {(HasMoreOrders ? "more than " : "")}{orders} orders";
    }

    int IChooser.Choose(int n, in ChoicePoint why)
    {
        if (n <= 1) return 0;
        if (depth < length)
        {
            var known = path[depth];
            if (known.IsOrder || known.Alternatives != n) throw NotDeterministic(n, in why);
            depth++;
            return known.Chosen;
        }
        NewStep().BeginOther(n, eventCount - 1);
        return 0;
    }

    ulong IChooser.Draw(int bits, in ChoicePoint why) => draws.Draw(bits, in why);

    int IOrderChooser.ChooseEvent(ReadOnlySpan<Candidate> candidates, in ChoicePoint why)
    {
        SearchStep step;
        if (depth < length)
        {
            step = path[depth];
            if (!step.IsOrder || step.Alternatives != candidates.Length || step.Candidates[step.Chosen] != candidates[step.Chosen])
                throw NotDeterministic(candidates.Length, in why);
            depth++;
        }
        else
        {
            step = NewStep();
            step.BeginOrder(candidates, sleepers, eventCount);
            var first = 0;
            while (first < candidates.Length && step.Has(first, SearchStep.Mark.Asleep)) first++;
            if (first == candidates.Length)
            {
                length = --depth;
                isCut = true;
                return IOrderChooser.Cut;
            }
            step.Chosen = first;
            if (Reduction == Reduction.SourceSets) step.Want(first);
            else step.WantAll();
        }
        BeginEvent(in candidates[step.Chosen]);
        return step.Chosen;
    }

    void IOrderChooser.OnExecuted(ReadOnlySpan<ulong> touched, Withdrawal withdrawn)
    {
        var ran = events[eventCount - 1];
        if (!touched.SequenceEqual(ran.Touched)) ran.Touched = touched.ToArray();
        var step = path[ran.Depth];
        ref var union = ref step.Touched[step.Chosen];
        if (!touched.SequenceEqual(union)) union = Union(union, touched);
        // What was taken back might have run first, perhaps only after others that have nothing to do with this event.
        if (withdrawn.Earliest <= ran.Identity.Latest) step.WantAll();
        ran.Latest = Math.Min(ran.Identity.Latest.Nanoseconds, withdrawn.Latest.Nanoseconds);
        if (depth < length) return;
        // Only from here on something new can be chosen: who sleeps there?
        sleepers.Clear();
        foreach (var sleeper in step.Sleepers)
            if (!Footprint.Conflict(sleeper.Touched, touched)) sleepers.Add(sleeper);
        for (var i = 0; i < step.Alternatives; i++)
        {
            if (step.Has(i, SearchStep.Mark.Done) && !Footprint.Conflict(step.Touched[i], touched))
                sleepers.Add(new(step.Candidates[i].Source, step.Candidates[i].Index, step.Touched[i]));
        }
    }

    private void BeginEvent(in Candidate candidate)
    {
        if (eventCount == events.Count) events.Add(new());
        var ran = events[eventCount++];
        ran.Identity = candidate;
        ran.Depth = depth - 1;
    }

    private SearchStep NewStep()
    {
        if (depth == path.Count) path.Add(new());
        length = depth + 1;
        return path[depth++];
    }

    /// <summary>
    /// An event that never ran, because the run ended, may race with events that did, and has shown no race: it is tried where it was last seen.
    /// </summary>
    private void WantTheVanished()
    {
        var next = isCut ? path[depth] : null; // the step at which it was cut is off the path, and still says what was pending
        for (var i = depth - 1; i >= 0 && path[i].Event >= firstNew; i--)
        {
            var step = path[i];
            if (!step.IsOrder) continue;
            for (var c = 0; c < step.Alternatives; c++)
            {
                if (c == step.Chosen || step.Has(c, SearchStep.Mark.Wanted)) continue;
                if (next is null || next.Find(step.Candidates[c].Source, step.Candidates[c].Index) < 0) step.Want(c);
            }
            next = step;
        }
    }

    /// <summary>Goes back to the last step that has something left to try, and chooses it.</summary>
    private bool StepBack()
    {
        for (; length > 0; length--)
        {
            var step = path[length - 1];
            firstNew = Math.Max(0, step.Event);
            if (!step.IsOrder)
            {
                if (++step.Chosen < step.Alternatives) return true;
                continue;
            }
            step.Marks[step.Chosen] |= SearchStep.Mark.Done;
            for (var i = 0; i < step.Alternatives; i++)
            {
                if (!step.Has(i, SearchStep.Mark.Wanted) || step.Has(i, SearchStep.Mark.Done | SearchStep.Mark.Asleep)) continue;
                step.Chosen = i;
                return true;
            }
            for (var i = 0; i < step.Alternatives; i++)
                if (!step.Has(i, SearchStep.Mark.Done)) LeftOut++;
        }
        return false;
    }

    private static ulong[] Union(ulong[] some, ReadOnlySpan<ulong> more)
    {
        var union = new Footprint();
        union.Add(some);
        union.Add(more);
        return union.Keys.ToArray();
    }

    private InvalidOperationException NotDeterministic(int n, in ChoicePoint why) => new(
        $"the scenario is not deterministic: at choice {depth + 1} the same choices now lead to {ChoiceKinds.NameOf(why.Kind)} {why.Subject}, {n} alternatives");
}
