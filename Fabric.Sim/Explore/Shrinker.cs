using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim.Explore;

/// <summary>
/// Reduces the choices of a failing run to fewer that still fail: delta debugging (Zeller, Hildebrandt 2002) on those that are not 0, then
/// smaller alternatives, then a shorter list. Every attempt is a run of the scenario, with the changed list answering by place; what is kept
/// is what that run really answered.
/// </summary>
/// <param name="isSame">Whether a failure is the one looked for; none: any that breaks the same rule.</param>
public sealed class Shrinker(Explorer explorer, Func<RunResult, RunResult, bool>? isSame = null)
{
    private RunResult original = null!;
    private ulong seed;
    private List<ChoiceRecord> best = [];
    private long budget;

    /// <summary>Runs made.</summary>
    public long Attempts { get; private set; }

    /// <summary>Shrinks a failure.</summary>
    /// <param name="attempts">Most runs to spend.</param>
    /// <param name="progress">Told about each success: choices that are not 0, length, attempts.</param>
    /// <returns>The smaller failure, verified by a last exact replay; the given one when nothing smaller fails.</returns>
    public ExplorationFailure Shrink(ExplorationFailure failure, long attempts = 10_000, Action<int, int, long>? progress = null)
    {
        original = failure.Result;
        seed = failure.Seed;
        best = Trim([.. failure.Choices]);
        budget = attempts;
        Attempts = 0;
        bool smaller;
        do
        {
            smaller = RemoveDefaults();
            smaller |= Lower();
            smaller |= Shorten();
            progress?.Invoke(NonDefault(best), best.Count, Attempts);
        }
        while (smaller && Attempts < budget);
        var verified = explorer.Replay(new ReplayChooser(best, seed), seed);
        if (!Fails(verified)) throw new InvalidOperationException($"the shrunk list does not fail again: {verified}");
        return failure with { Result = verified, Choices = best };
    }

    /// <summary>Sets groups of choices to 0, large groups first.</summary>
    private bool RemoveDefaults()
    {
        var any = false;
        var size = Math.Max(1, NonDefault(best) / 2);
        while (Attempts < budget)
        {
            var removed = false;
            for (var start = 0; start < NonDefault(best) && Attempts < budget;)
            {
                var attempt = best.ToList();
                Zero(attempt, start, size);
                if (Try(attempt)) removed = any = true;
                else start += size;
            }
            if (size == 1 && !removed) break;
            size = Math.Max(1, size / 2);
        }
        return any;
    }

    /// <summary>Takes the first alternative instead of a later one.</summary>
    private bool Lower()
    {
        var any = false;
        for (var i = 0; i < best.Count && Attempts < budget; i++)
        {
            for (var lower = 1; i < best.Count && lower < best[i].Chosen && lower <= 4 && Attempts < budget; lower++)
            {
                var attempt = best.ToList();
                attempt[i] = attempt[i] with { Chosen = lower };
                if (!Try(attempt)) continue;
                any = true;
                break;
            }
        }
        return any;
    }

    /// <summary>Drops choices from the list, so that the remaining ones come earlier.</summary>
    private bool Shorten()
    {
        var any = false;
        for (var size = Math.Max(1, best.Count / 2); ; size /= 2)
        {
            for (var start = 0; start < best.Count && Attempts < budget;)
            {
                var attempt = best.ToList();
                attempt.RemoveRange(start, Math.Min(size, attempt.Count - start));
                if (Try(attempt)) any = true;
                else start += size;
            }
            if (size == 1) return any;
        }
    }

    private bool Try(List<ChoiceRecord> attempt)
    {
        Attempts++;
        var result = explorer.Run(new ReplayChooser(attempt, seed, isLenient: true), seed);
        if (!Fails(result)) return false;
        var answered = Trim([.. explorer.LastChoices]);
        if (!IsSmaller(answered, best)) return false;
        best = answered;
        return true;
    }

    private bool Fails(RunResult result) =>
        result.HasFailed && (isSame is not null ? isSame(original, result) : result.Outcome == original.Outcome && result.Rule == original.Rule);

    private static bool IsSmaller(List<ChoiceRecord> a, List<ChoiceRecord> b)
    {
        var (x, y) = (NonDefault(a), NonDefault(b));
        if (x != y) return x < y;
        if (a.Count != b.Count) return a.Count < b.Count;
        return a.Sum(choice => (long)choice.Chosen) < b.Sum(choice => (long)choice.Chosen);
    }

    private static int NonDefault(List<ChoiceRecord> choices) => choices.Count(choice => choice.Chosen != 0);

    private static void Zero(List<ChoiceRecord> choices, int start, int count)
    {
        var seen = 0;
        for (var i = 0; i < choices.Count; i++)
        {
            if (choices[i].Chosen == 0) continue;
            if (seen >= start && seen < start + count) choices[i] = choices[i] with { Chosen = 0 };
            seen++;
        }
    }

    private static List<ChoiceRecord> Trim(List<ChoiceRecord> choices)
    {
        var count = choices.Count;
        while (count > 0 && choices[count - 1].IsDefault) count--;
        choices.RemoveRange(count, choices.Count - count);
        return choices;
    }
}
