using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim;

// The loop, and how a run ends.
public sealed partial class World
{
    private Candidate[] offered = new Candidate[8];
    private bool halt;
    private bool wasOffered;
    private bool hasRun;
    private int threadId;
    private RunOutcome outcome;
    private string reason = "";
    private string rule = "";
    private Exception? exception;

    /// <summary>
    /// Runs a script and everything that it sets off, until the script ends. Whatever the script, a check or a node throws is the run's
    /// failure, as is a script that waits while nothing can happen any more.
    /// </summary>
    public RunResult Run(Func<World, Task> script)
    {
        StartScript(script);
        return Loop(waitsForScript: true);
    }

    /// <summary>Runs until nothing is pending. May be called again after something has been queued.</summary>
    public RunResult RunUntilIdle() => Loop(waitsForScript: false);

    /// <summary>Runs what is due up to a time, which the world's clocks then show: for worlds that keep step with something outside of them. May be called again.</summary>
    /// <exception cref="InvalidOperationException">The world explores orders.</exception>
    public RunResult RunUntil(Instant time)
    {
        if (IsExploring) throw new InvalidOperationException("a world that explores orders has no time to stop at");
        var result = Loop(waitsForScript: false, time.Nanoseconds);
        if (!result.HasPassed) return result;
        now = Math.Max(now, time.Nanoseconds);
        eventTime = Script.LocalTime = Math.Max(now, Script.LocalTime);
        return result;
    }

    /// <summary>A check found something wrong: the run ends with the event that is running. The first failure counts.</summary>
    public void Fail(string brokenRule, string why)
    {
        if (halt) return;
        Stop(RunOutcome.Failed, why, brokenRule);
    }

    public void Fail(Violation violation) => Fail(violation.Rule, $"{violation.Detail} [{violation.Spec}]");

    private void Stop(RunOutcome with, string why, string brokenRule = "", Exception? thrown = null)
    {
        halt = true;
        (outcome, reason, rule, exception) = (with, why, brokenRule, thrown);
    }

    private void StartScript(Func<World, Task> script)
    {
        if (hasRun) throw new InvalidOperationException("a world runs one script");
        hasRun = true;
        scriptLane.Post(new ScriptStart(this, script));
    }

    private sealed class ScriptStart(World world, Func<World, Task> script) : WorkItem
    {
        public override void Run() => _ = RunScript();

        private async Task RunScript()
        {
            try
            {
                await script(world);
                if (!world.halt) world.Stop(RunOutcome.Passed, "");
            }
            catch (Exception e)
            {
                world.Thrown(e);
            }
        }
    }

    /// <summary>Makes the failure of a task that nobody awaits the failure of the run.</summary>
    public void Watch(Task task)
    {
        if (!task.IsCompletedSuccessfully) _ = Await();

        async Task Await()
        {
            try
            {
                await task;
            }
            catch (Exception e)
            {
                Thrown(e);
            }
        }
    }

    /// <summary>Whatever reaches a world from another thread would order events by chance.</summary>
    internal void CheckThread()
    {
        if (threadId != 0 && threadId != Environment.CurrentManagedThreadId)
            throw new InvalidOperationException("a world was used from another thread than the one that runs it");
    }

    private void Thrown(Exception e)
    {
        if (!halt) Stop(RunOutcome.Failed, e.Message, (e as ClaimException)?.Rule ?? "", e);
    }

    private RunResult Loop(bool waitsForScript, long until = long.MaxValue)
    {
        // An installed context (test runners have one) would carry continuations of the script off to other threads.
        var context = System.Threading.SynchronizationContext.Current;
        System.Threading.SynchronizationContext.SetSynchronizationContext(null);
        threadId = Environment.CurrentManagedThreadId;
        halt = false;
        outcome = RunOutcome.Passed;
        try
        {
            while (!halt)
            {
                if (Heap.Count == 0)
                {
                    if (ResumeIdleWaiter()) continue;
                    if (waitsForScript) Stop(RunOutcome.Deadlock, $"nothing is pending, and {Waits.Describe()} waits in vain", "deadlock");
                    break;
                }
                if (Heap.TimeAt(0) > until) break;
                if (IsExploring) StepExploring();
                else StepNatural();
            }
        }
        catch (Exception e)
        {
            if (outcome == RunOutcome.Passed) Stop(RunOutcome.Failed, e.Message, (e as ClaimException)?.Rule ?? "", e);
        }
        finally
        {
            threadId = 0;
            System.Threading.SynchronizationContext.SetSynchronizationContext(context);
        }
        Statistics.Time = Now;
        var result = new RunResult(outcome, Statistics, outcome is RunOutcome.Passed or RunOutcome.Cut ? reason : Where(), rule, exception);
        current = Script;
        eventTime = Script.LocalTime = Math.Max(now, Script.LocalTime);
        eventFreedom = OrderFreedom.Fixed;
        return result;
    }

    private string Where() => $"{reason} (at {new Instant(eventTime)}, event {Statistics.Events}, on {current.Name})";

    private void StepNatural()
    {
        var source = Heap.SourceAt(0);
        // A timer that was cancelled keeps its place until it comes up; that is no event.
        if (IsOverLimit(Heap.TimeAt(0)) && source.Pending > 0)
        {
            StopAtLimit(Heap.TimeAt(0));
            return;
        }
        source.Fire(this);
        if (conditions.Count > 0) CheckConditions();
    }

    private bool IsOverLimit(long time) => time > timeLimit || Statistics.Events >= eventLimit;

    private void StopAtLimit(long time)
    {
        if (time > timeLimit)
        {
            var next = $"the next event is due at {new Instant(time)}, after the limit of {Options.TimeLimit}";
            Stop(RunOutcome.TimeLimit, $"{next}; waiting: {Waits.Describe()}", "time-limit");
        }
        else
            Stop(RunOutcome.EventLimit, $"{Options.EventLimit} events have run; waiting: {Waits.Describe()}", "event-limit");
    }

    private void StepExploring()
    {
        if (IsOverLimit(Heap.TimeAt(0)))
        {
            StopAtLimit(Heap.TimeAt(0));
            return;
        }
        var candidates = Resources.Candidates;
        GatherCandidates(candidates);
        var chosen = candidates.Count == 1 ? 0 : ChooseAmong(candidates);
        var sees = orderChooser is { SeesEveryEvent: true };
        if (sees && !wasOffered)
        {
            Offer(candidates, chosen, 1);
            var point = new ChoicePoint(candidates[chosen].Kind, candidates[chosen].Subject);
            if (orderChooser!.ChooseEvent(offered.AsSpan(0, 1), in point) == IOrderChooser.Cut) chosen = IOrderChooser.Cut;
        }
        wasOffered = false;
        if (chosen == IOrderChooser.Cut)
        {
            Stop(RunOutcome.Cut, "");
            return;
        }
        try
        {
            candidates[chosen].Fire(this);
            if (conditions.Count > 0) CheckConditions();
        }
        finally
        {
            if (sees) orderChooser!.OnExecuted(touched.Keys, withdrawn);
        }
    }

    private int ChooseAmong(List<EventSource> candidates)
    {
        var n = candidates.Count;
        var first = candidates[0];
        foreach (var candidate in candidates)
        {
            ref var slot = ref candidate.Head;
            if (slot.Freedom != OrderFreedom.Open) continue;
            var point = new ChoicePoint(slot.FreedBy, first.Subject);
            if (orderChooser is null) return Chooser.Choose(n, in point);
            Offer(candidates, 0, n);
            wasOffered = true;
            var chosen = orderChooser.ChooseEvent(offered.AsSpan(0, n), in point);
            if (chosen == IOrderChooser.Cut) return chosen;
            Statistics.Choices++;
            Observer?.OnChoice(in point, n, chosen, isOpen: true);
            return chosen;
        }
        // Only the seed has a say here.
        return Chooser.Choose(n, new(first.Kind, first.Subject));
    }

    private void Offer(List<EventSource> candidates, int start, int count)
    {
        if (offered.Length < count) offered = new Candidate[count * 2];
        for (var i = 0; i < count; i++)
        {
            var source = candidates[start + i];
            ref var slot = ref source.Head;
            var isFixed = slot.Freedom == OrderFreedom.Fixed;
            offered[i] = new(source.Id, source.NextIndex, slot.Cause, new(slot.Earliest), new(slot.Latest), isFixed);
        }
    }

    /// <summary>
    /// All events that may run next, in natural order: whose earliest time is not after the latest time of any other. Of those that keep
    /// their natural order among themselves only the first.
    /// </summary>
    private void GatherCandidates(List<EventSource> candidates)
    {
        candidates.Clear();
        var heap = Heap;
        var count = Heap.Count;
        var walk = Resources.HeapWalk;
        if (walk.Length < count + 2) walk = Resources.HeapWalk = new int[count * 2 + 2];
        var bound = long.MaxValue;
        var depth = 0;
        walk[depth++] = 0;
        while (depth > 0)
        {
            var index = walk[--depth];
            if (heap.TimeAt(index) > bound) continue;
            bound = Math.Min(bound, heap.SourceAt(index).Head.Latest);
            if (2 * index + 2 < count) walk[depth++] = 2 * index + 2;
            if (2 * index + 1 < count) walk[depth++] = 2 * index + 1;
        }
        walk[depth++] = 0;
        EventSource? firstFixed = null;
        while (depth > 0)
        {
            var index = walk[--depth];
            if (heap.TimeAt(index) > bound) continue;
            if (2 * index + 2 < count) walk[depth++] = 2 * index + 2;
            if (2 * index + 1 < count) walk[depth++] = 2 * index + 1;
            var source = heap.SourceAt(index);
            if (source.Head.Freedom != OrderFreedom.Fixed) Insert(candidates, source);
            else if (firstFixed is null || IsBefore(source, firstFixed)) firstFixed = source;
        }
        if (firstFixed is not null) Insert(candidates, firstFixed);
    }

    private static void Insert(List<EventSource> candidates, EventSource source)
    {
        candidates.Add(source);
        var i = candidates.Count - 1;
        for (; i > 0 && IsBefore(source, candidates[i - 1]); i--) candidates[i] = candidates[i - 1];
        candidates[i] = source;
    }

    private static bool IsBefore(EventSource a, EventSource b)
    {
        ref var x = ref a.Head;
        ref var y = ref b.Head;
        return x.Earliest < y.Earliest || (x.Earliest == y.Earliest && x.Sequence < y.Sequence);
    }
}
