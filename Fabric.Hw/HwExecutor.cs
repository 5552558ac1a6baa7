using System.Collections.Concurrent;
using Weft.Fabric.Execution;
using Weft.Fabric.Hw.Linux;
using Timer = Weft.Fabric.Execution.Timer;

namespace Weft.Fabric.Hw;

/// <summary>
/// The poll loop of one node on real time: frames in, work, timers, frames out, and a sleep when there is nothing to do.
/// Everything but <see cref="PostFromOutside"/> and <see cref="Stop"/> belongs to the thread that calls <see cref="Run"/>.
/// </summary>
public sealed class HwExecutor : IExecutor, IDisposable
{
    /// <summary>
    /// Empty rounds before the loop sleeps: long enough to catch the answer to what was just sent. With one processor none, for whoever
    /// is to answer waits for that processor.
    /// </summary>
    internal static readonly int SpinRounds = Environment.ProcessorCount > 1 ? 200 : 0;

    private readonly HwClock clock = new();
    private readonly List<IPolledLink> links = [];
    private IPollSource[] sources = [];
    private readonly List<HwTimer> timers = [];
    private readonly PriorityQueue<HwTimer, (long At, long Order)> timerQueue = new();
    private readonly PriorityQueue<WorkItem, (long At, long Order)> delayed = new();
    private readonly ConcurrentQueue<Action> outside = new();
    private readonly WakeEvent wake = new();
    private WorkItem? first, last;
    private Instant now;
    private long order;
    private volatile bool stopping;

    public HwExecutor(string name) => Name = name;

    public string Name { get; }
    public Instant Now => now;
    public IChooser Chooser { get; } = new HwChooser();
    public IEnumerable<Timer> ArmedTimers => timers.Where(t => t.IsArmed);

    public ILane CreateLane(string name, ChoiceKind kind) => new HwLane(this, name, kind);

    public void ReleaseLane(ILane lane)
    {
    }

    public Timer CreateTimer(string name, Action onFired)
    {
        var timer = new HwTimer(this, name, onFired);
        timers.Add(timer);
        return timer;
    }

    /// <summary>Adds a link that the loop polls, and that ends with it.</summary>
    public void Add(IPolledLink link) => links.Add(link);

    /// <summary>Adds a descriptor that the loop watches, a socket of a client for one. It may be removed at any time, by itself too.</summary>
    public void Add(IPollSource source) => sources = [.. sources, source];

    public void Remove(IPollSource source) => sources = [.. sources.Where(s => s != source)];

    /// <summary>Runs an action on the loop, from any thread.</summary>
    public void PostFromOutside(Action action)
    {
        outside.Enqueue(action);
        wake.Set();
    }

    /// <summary>Ends <see cref="Run"/> after the present round, from any thread.</summary>
    public void Stop()
    {
        stopping = true;
        wake.Set();
    }

    /// <summary>Polls until <see cref="Stop"/> or until the condition holds (asked once a round).</summary>
    public void Run(Func<bool>? until = null)
    {
        stopping = false;
        var idle = 0;
        while (!stopping)
        {
            if (Round()) idle = 0;
            else if (++idle > SpinRounds) Sleep();
            if (until is not null && until()) break;
        }
        foreach (var link in links) link.Flush();
    }

    internal void Enqueue(WorkItem item)
    {
        if (item.IsPosted) throw new InvalidOperationException("work item posted twice");
        item.IsPosted = true;
        item.ExecutorNext = null;
        if (last is null) first = item;
        else last.ExecutorNext = item;
        last = item;
    }

    internal void Enqueue(WorkItem item, Instant at)
    {
        if (item.IsPosted) throw new InvalidOperationException("work item posted twice");
        item.IsPosted = true;
        delayed.Enqueue(item, (at.Nanoseconds, order++));
    }

    internal void Enqueue(HwTimer timer, Instant at)
    {
        timer.Queued = at;
        timerQueue.Enqueue(timer, (at.Nanoseconds, order++));
    }

    private bool Round()
    {
        now = clock.Now;
        var busy = false;
        foreach (var link in links) busy |= link.Receive();
        if (sources.Length > 0) busy |= wake.Poll(sources);
        while (outside.TryDequeue(out var action))
        {
            action();
            busy = true;
        }
        busy |= RunReady();
        busy |= RunDue();
        foreach (var link in links) link.Flush();
        return busy;
    }

    private bool RunReady()
    {
        if (first is null) return false;
        // Only what was there at the start of the round: work that posts work must not keep frames waiting.
        for (var end = last; first is not null;)
        {
            var item = first;
            first = item.ExecutorNext;
            if (first is null) last = null;
            item.ExecutorNext = null;
            item.IsPosted = false;
            item.Run();
            if (item == end) break;
        }
        return true;
    }

    private bool RunDue()
    {
        var ran = false;
        while (delayed.TryPeek(out var item, out var at) && at.At <= now.Nanoseconds)
        {
            delayed.Dequeue();
            item.IsPosted = false;
            item.Run();
            ran = true;
        }
        while (timerQueue.TryPeek(out var timer, out var at) && at.At <= now.Nanoseconds)
        {
            timerQueue.Dequeue();
            if (timer.Queued.Nanoseconds != at.At) continue; // an earlier entry replaced this one
            timer.Queued = Instant.Never;
            if (timer.Deadline <= now)
            {
                timer.Expire();
                ran = true;
            }
            else if (timer.IsArmed) Enqueue(timer, timer.Deadline);
        }
        return ran;
    }

    private void Sleep()
    {
        var next = Instant.Never;
        if (timerQueue.TryPeek(out _, out var timer)) next = new(timer.At);
        if (delayed.TryPeek(out _, out var item)) next = Instant.Min(next, new(item.At));
        wake.Wait(links, sources, next.IsNever ? Duration.Infinite : next - clock.Now);
    }

    public void Dispose()
    {
        foreach (var link in links) link.Dispose();
        wake.Dispose();
    }
}
