using Weft.Fabric.Verbs;

namespace Weft.Target.Rdma;

/// <summary>
/// A queue pair's send side: requests beyond its depth wait in order, READs beyond the depth that the peer answers wait apart, since they
/// would block everything behind them. Each request ends exactly once, posted or not.
/// </summary>
internal sealed class SendQueue<TTask>(ISendQueueUser<TTask> user)
    where TTask : class
{
    private readonly List<SendWork<TTask>> works = [];
    private SendWork<TTask>? free;
    private SendLine<TTask> unposted, reads;
    private IQueuePair? qp;
    private int room, readsInFlight, maxReads = 1;

    /// <summary>Requests that are with the device.</summary>
    public int InFlight { get; private set; }

    /// <param name="pair">Where to post.</param>
    /// <param name="depth">Requests that it takes at once.</param>
    public void Open(IQueuePair pair, int depth) => (qp, room) = (pair, depth);

    /// <summary>READs that the peer answers at once, as the connection request told; 0 counts as 1.</summary>
    public void LimitReads(int depth) => maxReads = Math.Max(1, depth);

    public SendWork<TTask> Take(byte kind, TTask? task, WorkOpcode opcode)
    {
        if (free is not { } work)
        {
            work = new(works.Count);
            works.Add(work);
        }
        else
        {
            free = work.Next;
        }
        (work.Kind, work.Task, work.Next, work.IsRead) = (kind, task, null, opcode == WorkOpcode.RdmaRead);
        work.Request = new() { Id = (uint)work.Index, Opcode = opcode };
        return work;
    }

    /// <summary>Posts, or queues behind what waits for room: the order on the wire is the order of the calls.</summary>
    public void Post(SendWork<TTask> work)
    {
        if (!user.MayPost)
        {
            Finish(work, succeeded: false);
            return;
        }
        if (work.IsRead)
        {
            if (!reads.IsEmpty || readsInFlight >= maxReads)
            {
                reads.Add(work);
                return;
            }
            readsInFlight++;
        }
        Enqueue(work);
    }

    private void Enqueue(SendWork<TTask> work)
    {
        if (user.MustWait(work.Kind, hasRoom: unposted.IsEmpty && room > 0)) unposted.Add(work);
        else PostNow(work);
    }

    private void PostNow(SendWork<TTask> work)
    {
        if (qp!.PostSend(work.Request, work.Sge.Length == 0 ? default : [work.Sge]) is { } error)
        {
            // only what was not posted comes back here; earlier pieces of the same answer complete on their own
            user.OnRefused(error);
            End(work, succeeded: false);
            return;
        }
        room--;
        InFlight++;
    }

    /// <summary>A completion of the send queue.</summary>
    public void Complete(int index, bool succeeded)
    {
        var work = works[index];
        room++;
        InFlight--;
        End(work, succeeded);
        while (!unposted.IsEmpty && room > 0 && user.MayPost) PostNow(unposted.Take());
    }

    private void End(SendWork<TTask> work, bool succeeded)
    {
        if (work.IsRead)
        {
            readsInFlight--;
            while (!reads.IsEmpty && readsInFlight < maxReads && user.MayPost)
            {
                readsInFlight++;
                Enqueue(reads.Take());
            }
        }
        Finish(work, succeeded);
    }

    private void Finish(SendWork<TTask> work, bool succeeded)
    {
        user.OnWorkDone(work, succeeded);
        Return(work);
    }

    private void Return(SendWork<TTask> work)
    {
        (work.Task, work.Next) = (null, free);
        free = work;
    }

    /// <summary>Requests that were never posted end here, as if flushed.</summary>
    public void DropUnposted()
    {
        while (!unposted.IsEmpty)
        {
            var work = unposted.Take();
            if (work.IsRead) readsInFlight--;
            Finish(work, succeeded: false);
        }
        while (!reads.IsEmpty) Finish(reads.Take(), succeeded: false);
    }

    /// <summary>Forgets READs of a task that wait for their turn; nobody is told.</summary>
    /// <returns>How many there were.</returns>
    public int ForgetReads(TTask task)
    {
        var count = 0;
        var kept = default(SendLine<TTask>);
        while (!reads.IsEmpty)
        {
            var work = reads.Take();
            if (work.Task == task)
            {
                count++;
                Return(work);
            }
            else
            {
                kept.Add(work);
            }
        }
        reads = kept;
        return count;
    }
}
