using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Engine.Queues;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine;

/// <summary>The device's asynchronous events: one lane, in order. Events of objects that are gone meanwhile are not delivered.</summary>
internal sealed class AsyncEventQueue(ILane lane) : WorkItem
{
    private readonly Queue<AsyncEvent> pending = new();
    private IAsyncEventHandler[] handlers = [];

    public void Add(IAsyncEventHandler handler) => handlers = [.. handlers, handler];
    public void Remove(IAsyncEventHandler handler) => handlers = [.. handlers.Where(h => h != handler)];

    public void Raise(in AsyncEvent asyncEvent)
    {
        pending.Enqueue(asyncEvent);
        if (!IsPosted) lane.Post(this);
    }

    /// <summary>Runs something in the events' lane.</summary>
    public void RunInOrder(WorkItem item) => lane.Post(item);

    public override void Run()
    {
        if (!pending.TryDequeue(out var next)) return;
        if (pending.Count > 0) lane.Post(this);
        if (IsGone(next)) return;
        foreach (var handler in handlers) handler.OnAsyncEvent(next);
    }

    private static bool IsGone(in AsyncEvent e) =>
        e.QueuePair is QueuePair { IsDestroyed: true } || e.CompletionQueue is CompletionQueue { IsDestroyed: true }
        || e.SharedReceiveQueue is SharedReceiveQueue { IsDestroyed: true };
}
