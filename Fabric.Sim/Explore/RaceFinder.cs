using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim.Explore;

/// <summary>
/// Finds, in a run, pairs of events that touch the same thing and could have come in the other order, and asks for that order at the step
/// where the first of the two was chosen. Abdulla, Aronis, Jonsson, Sagonas, "Optimal dynamic partial order reduction" (2014), section 4.
/// </summary>
internal sealed class RaceFinder
{
    private readonly Dictionary<ulong, List<Access>> accesses = [];
    private readonly List<int> conflicts = [];
    private readonly List<int> between = [];
    private int known;

    private readonly record struct Access(int Event, bool IsWrite);

    public long Fallbacks { get; private set; }

    /// <param name="firstNew">Events before this one were looked at after the run before.</param>
    public void Find(List<SearchEvent> events, int count, int firstNew, List<SearchStep> path)
    {
        Forget(firstNew);
        for (var i = firstNew; i < count; i++)
        {
            Order(events, i, path);
            Remember(events[i], i);
        }
        known = count;
    }

    private void Order(List<SearchEvent> events, int i, List<SearchStep> path)
    {
        var ran = events[i];
        var before = i > 0 ? events[i - 1] : null;
        ran.LatestSoFar = Math.Max(ran.Latest, before?.LatestSoFar ?? long.MinValue);
        ran.ClearAfter(i);
        AddForced(events, i, before?.LastFixed ?? -1);
        conflicts.Clear();
        CollectConflicts(events, i, before?.LastGlobal ?? -1);
        conflicts.Sort();
        for (var c = conflicts.Count - 1; c >= 0; c--)
        {
            var other = conflicts[c];
            if (ran.IsAfter(other)) continue;
            Reverse(events, other, i, path);
            ran.AddAfter(other, events[other]);
        }
        ran.LastFixed = ran.Identity.IsFixed ? i : before?.LastFixed ?? -1;
        ran.LastGlobal = ran.IsGlobal ? i : before?.LastGlobal ?? -1;
    }

    /// <summary>What comes before event i in every order: its cause, what was in front of it in its queue, what time does not let it pass.</summary>
    private static void AddForced(List<SearchEvent> events, int i, int lastFixed)
    {
        var ran = events[i];
        var identity = ran.Identity;
        if (identity.Cause == Candidate.CausedByAll)
        {
            ran.AddAllBefore(i);
            return;
        }
        if (identity.Cause >= 0) ran.AddAfter(identity.Cause, events[identity.Cause]);
        if (identity.IsFixed && lastFixed >= 0) ran.AddAfter(lastFixed, events[lastFixed]);
        var j = i - 1;
        for (; j >= 0 && events[j].LatestSoFar >= identity.Earliest.Nanoseconds; j--)
        {
            if (events[j].Latest < identity.Earliest.Nanoseconds) ran.AddAfter(j, events[j]);
        }
        ran.AddAllBefore(j + 1);
        if (identity.Index == 0) return;
        for (j = i - 1; j >= 0; j--)
        {
            if (events[j].Identity.Source != identity.Source) continue;
            ran.AddAfter(j, events[j]);
            return;
        }
    }

    private void CollectConflicts(List<SearchEvent> events, int i, int lastGlobal)
    {
        var ran = events[i];
        if (lastGlobal >= 0) conflicts.Add(lastGlobal);
        if (ran.IsGlobal)
        {
            for (var j = lastGlobal + 1; j < i; j++) conflicts.Add(j);
            return;
        }
        foreach (var key in ran.Touched)
        {
            if (!accesses.TryGetValue(key >> 1, out var list)) continue;
            for (var k = list.Count - 1; k >= 0; k--)
            {
                if (!list[k].IsWrite && (key & 1) == 0) continue;
                if (!conflicts.Contains(list[k].Event)) conflicts.Add(list[k].Event);
                if (list[k].IsWrite) break;
            }
        }
    }

    /// <summary>Event i could come before the earlier event: makes sure that, at the step of that one, a run begins in which it does.</summary>
    private void Reverse(List<SearchEvent> events, int earlier, int i, List<SearchStep> path)
    {
        var step = path[events[earlier].Depth];
        between.Clear();
        for (var k = earlier + 1; k < i; k++)
            if (!events[k].IsAfter(earlier)) between.Add(k);
        between.Add(i);
        var choice = -1;
        for (var b = 0; b < between.Count; b++)
        {
            var other = events[between[b]];
            if (!IsFirst(other, between[b], i, events, b)) continue;
            var candidate = step.Find(other.Identity.Source, other.Identity.Index);
            if (candidate < 0) continue;
            if (step.Has(candidate, SearchStep.Mark.Wanted | SearchStep.Mark.Asleep)) return;
            if (choice < 0) choice = candidate;
        }
        if (choice >= 0)
        {
            step.Want(choice);
            return;
        }
        Fallbacks++;
        step.WantAll();
    }

    // Whether no other of those in between must come before it. For event i itself what it is after is not complete yet, but what is missing
    // are conflicts, looked at from the latest to the earliest: all later than the one in question are in.
    private bool IsFirst(SearchEvent other, int number, int last, List<SearchEvent> events, int position)
    {
        for (var b = 0; b < position; b++)
            if (other.IsAfter(between[b])) return false;
        return true;
    }

    private void Remember(SearchEvent ran, int i)
    {
        foreach (var key in ran.Touched)
        {
            if (!accesses.TryGetValue(key >> 1, out var list)) accesses.Add(key >> 1, list = []);
            list.Add(new(i, (key & 1) != 0));
        }
    }

    private void Forget(int first)
    {
        if (first >= known) return;
        foreach (var list in accesses.Values)
        {
            while (list.Count > 0 && list[^1].Event >= first) list.RemoveAt(list.Count - 1);
        }
    }
}
