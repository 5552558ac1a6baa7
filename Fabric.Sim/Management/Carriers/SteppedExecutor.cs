using Weft.Fabric.Execution;
using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim.Management.Carriers;

/// <summary>
/// An executor whose time is told to it: for software that is driven from a loop of somebody else's, like the management port's. Nothing
/// runs but inside <see cref="Advance"/>, in the order of time and then of posting.
/// </summary>
public sealed class SteppedExecutor(string name) : IExecutor
{
    private readonly PriorityQueue<WorkItem, (long Due, long Order)> items = new();
    private readonly List<SteppedTimer> armed = [];
    private long order;

    public string Name { get; } = name;
    public Instant Now { get; private set; } = Instant.Zero;
    public IChooser Chooser { get; } = new DefaultChooser();
    public IEnumerable<Execution.Timer> ArmedTimers => armed;

    /// <summary>When there is something to do: not later than now when it is already due; never when there is nothing.</summary>
    public Instant Deadline
    {
        get
        {
            var earliest = items.TryPeek(out _, out var next) ? new Instant(next.Due) : Instant.Never;
            foreach (var timer in armed) earliest = Instant.Min(earliest, timer.Deadline);
            return earliest;
        }
    }

    /// <summary>Moves the time on, never back, and runs what has become due, and what that posts without delay.</summary>
    public void Advance(Instant now)
    {
        Now = Instant.Max(Now, now);
        while (true)
        {
            if (items.TryPeek(out var item, out var next) && next.Due <= Now.Nanoseconds)
            {
                items.Dequeue();
                item.IsPosted = false;
                item.Run();
            }
            else if (armed.Find(t => t.Deadline <= Now) is { } timer) timer.Expire();
            else return;
        }
    }

    public ILane CreateLane(string name, ChoiceKind kind) => new SteppedLane(this, name, kind);

    public void ReleaseLane(ILane lane)
    {
    }

    public Execution.Timer CreateTimer(string name, Action onFired) => new SteppedTimer(this, name, onFired);

    private sealed class SteppedLane(SteppedExecutor executor, string name, ChoiceKind kind) : ILane
    {
        private long last;

        public string Name => name;
        public ChoiceKind Kind => kind;

        public void Post(WorkItem item) => Post(item, Duration.Zero);

        public void Post(WorkItem item, Duration delay)
        {
            if (item.IsPosted) throw new InvalidOperationException($"item {item} is posted to \"{Name}\" while it waits in a lane");
            item.IsPosted = true;
            last = Math.Max(last, (executor.Now + delay).Nanoseconds); // items of a lane keep their order
            executor.items.Enqueue(item, (last, executor.order++));
        }
    }

    private sealed class SteppedTimer(SteppedExecutor executor, string name, Action onFired) : Execution.Timer(name, onFired)
    {
        public override void Arm(Instant deadline)
        {
            if (IsArmed) executor.armed.Remove(this);
            Deadline = deadline;
            if (IsArmed) executor.armed.Add(this);
        }

        public void Expire()
        {
            executor.armed.Remove(this);
            Fire();
        }
    }
}
