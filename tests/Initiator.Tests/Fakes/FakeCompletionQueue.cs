namespace Weft.Initiator.Tests.Fakes;

internal sealed class FakeCompletionQueue : ICompletionQueue
{
    private readonly FakeDevice device;
    private readonly ILane lane;
    private readonly Queue<WorkCompletion> entries = [];
    private readonly Act notify;
    private bool isArmed;

    public FakeCompletionQueue(FakeDevice device, int capacity, ICompletionHandler handler)
    {
        (this.device, Capacity) = (device, capacity);
        lane = device.Executor.CreateLane("cq", ChoiceKind.Dispatch);
        notify = new(() => handler.OnCompletions(this));
    }

    public int Capacity { get; }
    public object? Context { get; set; }
    public int Count => entries.Count;
    /// <summary>Keeps notifications back, while entries pile up.</summary>
    public bool IsHeld { get; set; }

    public void Add(in WorkCompletion entry)
    {
        if (entries.Count == Capacity) throw new InvalidOperationException("completion queue overflow");
        entries.Enqueue(entry);
        Notify();
    }

    public void Release()
    {
        IsHeld = false;
        if (entries.Count > 0) Notify();
    }

    private void Notify()
    {
        if (!isArmed || IsHeld || notify.IsPosted) return;
        isArmed = false;
        lane.Post(notify);
    }

    public int Poll(Span<WorkCompletion> target)
    {
        var n = 0;
        while (n < target.Length && entries.TryDequeue(out target[n])) n++;
        return n;
    }

    public void Arm(NotifyType type = NotifyType.NextCompletion) => isArmed = true;

    public VerbsError? Destroy()
    {
        if (!device.Queues.Remove(this)) throw new InvalidOperationException("completion queue destroyed twice");
        if (device.Pairs.Exists(p => p.SendCq == this || p.ReceiveCq == this)) throw new InvalidOperationException("completion queue is in use");
        return null;
    }
}
