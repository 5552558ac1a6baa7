using Weft.Fabric.Execution;

namespace Weft.Fabric.Tests.Ports;

/// <summary>An executor whose clock a test turns by hand.</summary>
internal sealed class ManualExecutor : IExecutor
{
    private readonly List<ManualTimer> timers = [];
    private readonly Queue<WorkItem> work = new();

    public string Name => "test";
    public Instant Now { get; private set; }
    public IChooser Chooser => throw new NotSupportedException("nothing here is left to chance");
    public IEnumerable<Execution.Timer> ArmedTimers => timers.Where(t => t.IsArmed);

    public ILane CreateLane(string name, ChoiceKind kind) => new Lane(name, kind, work);
    public void ReleaseLane(ILane lane) { }

    public Execution.Timer CreateTimer(string name, Action onFired)
    {
        var timer = new ManualTimer(name, onFired);
        timers.Add(timer);
        return timer;
    }

    public void RunWork()
    {
        while (work.TryDequeue(out var item))
        {
            item.IsPosted = false;
            item.Run();
        }
    }

    public void Advance(Duration by)
    {
        var end = Now + by;
        RunWork();
        while (timers.Where(t => t.Deadline <= end).MinBy(t => t.Deadline) is { } timer)
        {
            Now = Instant.Max(Now, timer.Deadline);
            timer.FireNow();
            RunWork();
        }
        Now = end;
    }

    private sealed class ManualTimer(string name, Action onFired) : Execution.Timer(name, onFired)
    {
        public override void Arm(Instant deadline) => Deadline = deadline;
        public void FireNow() => Fire();
    }

    private sealed class Lane(string name, ChoiceKind kind, Queue<WorkItem> work) : ILane
    {
        public string Name => name;
        public ChoiceKind Kind => kind;

        public void Post(WorkItem item)
        {
            Assert.False(item.IsPosted);
            item.IsPosted = true;
            work.Enqueue(item);
        }

        public void Post(WorkItem item, Duration delay) => throw new NotSupportedException();
    }
}
