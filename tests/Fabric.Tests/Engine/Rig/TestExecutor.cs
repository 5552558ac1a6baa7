using Weft.Fabric.Execution;
using Timer = Weft.Fabric.Execution.Timer;

namespace Weft.Fabric.Tests.Engine.Rig;

/// <summary>Virtual time for one or more devices: lanes in posting order, timers when nothing else is left to do.</summary>
internal sealed class TestExecutor : IExecutor
{
    private readonly List<TestTimer> timers = [];
    private readonly List<(Instant At, WorkItem Item)> delayed = [];
    private WorkItem? first, last;

    public string Name => "rig";
    public Instant Now { get; private set; }
    public IChooser Chooser { get; } = new CountingChooser();
    public IEnumerable<Timer> ArmedTimers => timers.Where(t => t.IsArmed);
    public int LanesReleased { get; private set; }
    public int TimersMade => timers.Count;

    public ILane CreateLane(string name, ChoiceKind kind) => new Lane(this, name, kind);
    public void ReleaseLane(ILane lane) => LanesReleased++;

    public Timer CreateTimer(string name, Action onFired)
    {
        var timer = new TestTimer(name, onFired);
        timers.Add(timer);
        return timer;
    }

    /// <summary>Runs one posted item; false when there is none that is ready.</summary>
    public bool RunOne()
    {
        var item = first;
        if (item is null) return false;
        first = item.ExecutorNext;
        if (first is null) last = null;
        item.ExecutorNext = null;
        item.IsPosted = false;
        item.Run();
        return true;
    }

    /// <summary>Moves time to the next delayed item or timer; false when there is none.</summary>
    public bool Leap(Instant? limit = null)
    {
        var at = Instant.Never;
        foreach (var timer in timers) at = Instant.Min(at, timer.Deadline);
        foreach (var (when, _) in delayed) at = Instant.Min(at, when);
        if (at.IsNever || at > (limit ?? Instant.Never)) return false;
        Now = Instant.Max(Now, at);
        for (var i = 0; i < delayed.Count;)
        {
            if (delayed[i].At > Now) { i++; continue; }
            var item = delayed[i].Item;
            delayed.RemoveAt(i);
            Enqueue(item);
        }
        for (var i = 0; i < timers.Count; i++)
            if (timers[i].Deadline <= Now) timers[i].FireNow();
        return true;
    }

    public void Wait(Duration duration) => Now += duration;

    private void Enqueue(WorkItem item)
    {
        if (last is null) first = item;
        else last.ExecutorNext = item;
        last = item;
    }

    private sealed class Lane(TestExecutor owner, string name, ChoiceKind kind) : ILane
    {
        public string Name => name;
        public ChoiceKind Kind => kind;

        public void Post(WorkItem item)
        {
            Assert.False(item.IsPosted, "posted twice");
            item.IsPosted = true;
            owner.Enqueue(item);
        }

        public void Post(WorkItem item, Duration delay)
        {
            if (delay == Duration.Zero)
            {
                Post(item);
                return;
            }
            Assert.False(item.IsPosted, "posted twice");
            item.IsPosted = true;
            owner.delayed.Add((owner.Now + delay, item));
        }
    }

    private sealed class TestTimer(string name, Action onFired) : Timer(name, onFired)
    {
        public override void Arm(Instant deadline) => Deadline = deadline;
        public void FireNow() => Fire();
    }

    private sealed class CountingChooser : IChooser
    {
        private ulong state = 1;
        public int Choose(int n, in ChoicePoint why) => 0;

        public ulong Draw(int bits, in ChoicePoint why)
        {
            state = state * 6364136223846793005 + 1442695040888963407;
            return state >> (64 - bits);
        }
    }
}
