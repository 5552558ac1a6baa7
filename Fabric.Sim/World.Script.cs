using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim;

// What a scenario's script awaits.
public sealed partial class World
{
    private readonly List<Condition> conditions = [];
    private readonly List<Signal> idleWaiters = [];

    private sealed record Condition(Func<bool> Holds, Signal? Signal, Execution.Timer? Deadline, WorkItem? Item = null);

    /// <summary>Lets virtual time pass.</summary>
    public ValueTask Delay(Duration duration)
    {
        var signal = NewSignal($"{duration} to pass");
        Script.CreateTimer("delay", () => signal.TrySet()).Arm(Script.Now + duration);
        return signal.Task;
    }

    /// <summary>
    /// Waits until a condition holds; it is looked at after every event, so make it cheap, and make it one that stays true: a condition that
    /// comes and goes depends on the order of events that otherwise have none.
    /// </summary>
    /// <param name="what">Names it in the message of a run that is stuck.</param>
    public ValueTask Until(Func<bool> condition, string what)
    {
        if (condition()) return default;
        var signal = NewSignal(what);
        conditions.Add(new(condition, signal, null));
        return signal.Task;
    }

    /// <summary>As the other, but after so much virtual time the wait ends with a <see cref="TimeoutException"/>.</summary>
    public ValueTask Until(Func<bool> condition, string what, Duration within)
    {
        if (condition()) return default;
        var signal = NewSignal(what);
        var timer = Script.CreateTimer("deadline", () => GiveUp(signal, within));
        conditions.Add(new(condition, signal, timer));
        timer.Arm(Script.Now + within);
        return signal.Task;
    }

    /// <summary>Waits until nothing is pending any more but waits like this one: no frame in flight, no timer armed, no lane filled.</summary>
    public ValueTask Idle()
    {
        var signal = NewSignal("everything to come to rest");
        idleWaiters.Add(signal);
        return signal.Task;
    }

    /// <summary>A signal for the script: whoever sets it, the script resumes on its own node.</summary>
    public Signal NewSignal(string what) => new(scriptLane, what);

    /// <summary>A result for the script: whoever sets it, the script resumes on its own node.</summary>
    public Completion<T> NewCompletion<T>(string what) => new(scriptLane, what);

    /// <summary>Runs an item on the script's node as soon as a condition holds.</summary>
    internal void When(Func<bool> condition, WorkItem item)
    {
        if (condition()) scriptLane.Post(item);
        else conditions.Add(new(condition, null, null, item));
    }

    private void GiveUp(Signal signal, Duration within)
    {
        conditions.RemoveAll(c => c.Signal == signal);
        signal.TrySetException(new TimeoutException($"not within {within}: {signal.Name}"));
    }

    private void CheckConditions()
    {
        for (var i = 0; i < conditions.Count; i++)
        {
            var condition = conditions[i];
            if (!condition.Holds()) continue;
            conditions.RemoveAt(i--);
            condition.Deadline?.Cancel();
            condition.Signal?.TrySet();
            if (condition.Item is not null) scriptLane.Post(condition.Item);
        }
    }

    private bool ResumeIdleWaiter()
    {
        if (idleWaiters.Count == 0) return false;
        current = Script;
        eventTime = Script.LocalTime = Math.Max(now, Script.LocalTime);
        eventFreedom = OrderFreedom.Fixed;
        var waiter = idleWaiters[0];
        idleWaiters.RemoveAt(0);
        var last = eventNumber;
        eventNumber = Candidate.CausedByAll;
        waiter.TrySet();
        eventNumber = last;
        return Heap.Count > 0;
    }
}
