using System.Buffers;
using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Queues;

/// <summary>A completion queue. Its notifications come in a lane of its own, so that their order against others is a choice.</summary>
internal sealed class CompletionQueue : ICompletionQueue
{
    private enum Armed : byte { No, Solicited, Next }

    private readonly ICompletionHandler? handler;
    private readonly ILane? lane;
    private readonly Notification notification;
    private readonly Overflow overflow;
    private readonly List<QueuePair> users = [];
    private readonly ChoicePoint lateness;
    private WorkCompletion[] ring = [];
    private uint head, tail, origin, shown, hidden;
    private int owed;
    private Armed armed;
    private bool hasOverflowed;

    public CompletionQueue(Hca hca, int capacity, ICompletionHandler? handler, int number)
    {
        (Hca, Capacity, this.handler) = (hca, capacity, handler);
        lateness = new(ChoiceKind.Dispatch, $"{hca.Attributes.Name} completion");
        notification = new(this);
        overflow = new(this);
        if (handler is not null) lane = hca.Executor.CreateLane($"{hca.Attributes.Name} cq {number}", ChoiceKind.Dispatch);
    }

    public Hca Hca { get; }
    public int Capacity { get; }
    public object? Context { get; set; }
    public bool IsDestroyed { get; private set; }
    public int Count => (int)(tail - head);

    public int Poll(Span<WorkCompletion> target)
    {
        var n = Math.Min(target.Length, Count - (Hca.Limits.LateCompletions ? CountHidden() : 0));
        for (var i = 0; i < n; i++) target[i] = ring[(head++ - origin) & (uint)(ring.Length - 1)];
        // A queue that was emptied fills from its first place again: few entries under way touch few cache lines.
        if (head == tail) origin = tail;
        return n;
    }

    /// <summary>Whether the newest entry is not to be seen yet. It is when the queue has been armed, or another has followed it.</summary>
    private int CountHidden()
    {
        if (head == tail || shown == tail) return 0;
        if (hidden == tail) return 1;
        if (Hca.Executor.Chooser.Choose(2, lateness) == 0)
        {
            shown = tail;
            return 0;
        }
        hidden = tail;
        return 1;
    }

    public void Arm(NotifyType type)
    {
        shown = tail; // what is here now came before: it is seen by the next look, and told by nobody
        if (type == NotifyType.NextCompletion) armed = Armed.Next;
        else if (armed == Armed.No) armed = Armed.Solicited;
    }

    /// <summary>Adds an entry. A full queue loses it and is in error from then on. IBA Vol 1 §10.2.7, §11.6.3.</summary>
    /// <param name="solicited">A receive whose packet carried the solicited-event bit, or an error.</param>
    public void Push(in WorkCompletion completion, bool solicited)
    {
        if (hasOverflowed) return;
        if (Count == Capacity)
        {
            hasOverflowed = true;
            Hca.Events.RunInOrder(overflow);
            return;
        }
        if (Count == ring.Length) Grow();
        ring[(tail++ - origin) & (uint)(ring.Length - 1)] = completion;
        if (armed == Armed.No || (armed == Armed.Solicited && !solicited)) return;
        armed = Armed.No;
        if (lane is null) return;
        owed++;
        if (!notification.IsPosted) lane.Post(notification);
    }

    public void AddUser(QueuePair qp) => users.Add(qp);
    public void RemoveUser(QueuePair qp) => users.Remove(qp);

    public VerbsError? Destroy()
    {
        if (IsDestroyed) return new(VerbsErrorCode.NotFound, "already destroyed");
        if (users.Count != 0) return new(VerbsErrorCode.Busy, "QPs use it");
        IsDestroyed = true;
        owed = 0;
        head = tail;
        if (ring.Length > 0) ArrayPool<WorkCompletion>.Shared.Return(ring, clearArray: true);
        ring = [];
        if (lane is not null && !notification.IsPosted) Hca.Executor.ReleaseLane(lane);
        Hca.Remove(this);
        return null;
    }

    private void Grow()
    {
        // Lengths of the pool are powers of two from 16.
        var larger = ArrayPool<WorkCompletion>.Shared.Rent(Math.Max(16, ring.Length * 2));
        for (var i = head; i != tail; i++) larger[(i - origin) & (uint)(larger.Length - 1)] = ring[(i - origin) & (uint)(ring.Length - 1)];
        if (ring.Length > 0) ArrayPool<WorkCompletion>.Shared.Return(ring, clearArray: true);
        ring = larger;
    }

    private sealed class Notification(CompletionQueue cq) : WorkItem
    {
        public override void Run()
        {
            if (cq.IsDestroyed)
            {
                cq.Hca.Executor.ReleaseLane(cq.lane!);
                return;
            }
            if (--cq.owed > 0) cq.lane!.Post(this);
            cq.handler!.OnCompletions(cq);
        }
    }

    private sealed class Overflow(CompletionQueue cq) : WorkItem
    {
        public override void Run()
        {
            if (cq.IsDestroyed) return;
            cq.Hca.Events.Raise(new(AsyncEventType.CqError, CompletionQueue: cq));
            for (var i = 0; i < cq.users.Count; i++) cq.users[i].FailFatally();
        }
    }
}
