using Weft.Fabric.Verbs;
using Weft.Target.Rdma;
using Weft.Target.Sessions;

namespace Weft.Target.Srp;

// Work requests and their completions.
public partial class SrpChannel
{
    private const ulong ReceiveFlag = 1UL << 63;
    private const ulong DrainId = ReceiveFlag - 1;

    private readonly WorkCompletion[] completions = new WorkCompletion[32];
    private int receivesPosted;
    private bool isPolling;
    private Instant lastSent;

    internal static ulong ReceiveId(int index) => ReceiveFlag | (uint)index;

    void ICompletionHandler.OnCompletions(ICompletionQueue queue)
    {
        if (queue != cq) return; // given back meanwhile
        Consume(queue);
        TryRelease();
    }

    /// <summary>Takes everything, asks to be told of more, and looks once again: what came between the last look and the request is told by nobody.</summary>
    private protected virtual void Consume(ICompletionQueue queue)
    {
        PollAll(queue);
        queue.Arm();
        PollAll(queue);
    }

    private void PollAll(ICompletionQueue queue)
    {
        if (isPolling) return; // from inside a completion: the loop further out goes on
        isPolling = true;
        for (int count; (count = queue.Poll(completions)) > 0;)
            for (var i = 0; i < count; i++) OnCompletion(completions[i]);
        isPolling = false;
    }

    private void OnCompletion(in WorkCompletion completion)
    {
        var succeeded = completion.Status == CompletionStatus.Success;
        switch (completion.Id)
        {
            case DrainId:
                sendsDrained = true;
                break;
            case DrainId | ReceiveFlag:
                receivesDrained = true;
                break;
            case >= ReceiveFlag:
                RequireBeforeDrain(isReceiveMarked && receivesDrained);
                OnReceived(Slots[(uint)completion.Id], succeeded, (int)completion.ByteLength);
                break;
            default:
                RequireBeforeDrain(isSendMarked && sendsDrained);
                lastSent = Target.Executor.Now;
                sends.Complete((int)completion.Id, succeeded);
                if (sends.InFlight == 0) completionTimer.Cancel();
                break;
        }
    }

    /// <summary>Work behind a drain marker: posted when nothing may be posted any more.</summary>
    private void RequireBeforeDrain(bool isDrained)
    {
        if (isDrained) throw new InvalidOperationException($"{this}: a completion came behind the drain marker");
    }

    private void OnReceived(SrpReceive slot, bool succeeded, int length)
    {
        slot.Received = length;
        if (Port.Shared is { } shared)
        {
            shared.Taken(slot);
        }
        else
        {
            slot.IsPosted = false;
            receivesPosted--;
        }
        if (!succeeded) OnFlushed();
        if (!succeeded || State >= SrpChannelState.Draining) ReturnReceive(slot);
        else if (MustWait(slot)) Hold(slot);
        else Handle(slot);
    }

    /// <summary>A receive failed: a flush of our own closing changes nothing, and is worth no word.</summary>
    private protected virtual void OnFlushed() => Close(CloseReason.TransportError);

    private void ReturnReceive(SrpReceive slot)
    {
        if (Port.Shared is { } shared) shared.Return(slot);
        else PostReceive(slot);
    }

    private void PostReceive(SrpReceive slot)
    {
        if (!MayPost || slot.IsPosted) return;
        if (qp!.PostReceive(ReceiveId(slot.Index), [slot.Sge]) is not null)
        {
            Close(CloseReason.VerbsError);
            return;
        }
        slot.IsPosted = true;
        receivesPosted++;
    }

    /// <summary>Nothing is posted behind the drain markers, where nobody would wait for it.</summary>
    private protected virtual bool MayPost => State < SrpChannelState.Draining;

    bool ISendQueueUser<SrpTask>.MayPost => MayPost;

    private SendWork<SrpTask> TakeWork(byte kind, SrpTask? task, WorkOpcode opcode)
    {
        if (task is not null) task.PendingWork++;
        return sends.Take(kind, task, opcode);
    }

    private void Post(SendWork<SrpTask> work)
    {
        if (MayPost && !completionTimer.IsArmed)
        {
            lastSent = Target.Executor.Now;
            completionTimer.Arm(lastSent + options.CompletionTimeout);
        }
        sends.Post(work);
    }

    /// <summary>
    /// A work request that the device never answers would hold its command for ever. Longer than a queue pair can take to give up on its
    /// peer: then the device has lost it, and the queue pair is the only thing that can be ended.
    /// </summary>
    private void OnCompletionTimer()
    {
        if (sends.InFlight == 0 || State >= SrpChannelState.Draining) return;
        var due = lastSent + options.CompletionTimeout;
        if (Target.Executor.Now < due)
        {
            completionTimer.Arm(due);
            return;
        }
        Target.Observer?.CompletionOverdue(this);
        Close(CloseReason.TransportError);
    }

    void ISendQueueUser<SrpTask>.OnWorkDone(SendWork<SrpTask> work, bool succeeded)
    {
        if (!succeeded) OnWorkFailed();
        var (kind, task) = (work.Kind, work.Task);
        if (task is null) return; // a notice
        task.PendingWork--;
        switch (kind)
        {
            case SrpWorkKind.Fetch or SrpWorkKind.Place:
                MovePartDone(task, succeeded);
                break;
            case SrpWorkKind.Table:
                TableFetched(task, succeeded);
                break;
        }
        EndIfDone(task);
    }

    /// <summary>A task ends when its answer is on its way, or it has none, and nothing of it is with the device.</summary>
    private void EndIfDone(SrpTask task)
    {
        if (!task.IsEnding || !MayEnd(task.PendingWork)) return;
        task.IsEnding = false;
        ReturnTask(task);
    }

    /// <summary>A read is an RDMA WRITE and a SEND: both must have come back, well or flushed.</summary>
    private protected virtual bool MayEnd(int pendingWork) => pendingWork == 0;

    private protected virtual void OnWorkFailed() => Close(CloseReason.TransportError);

    void ISendQueueUser<SrpTask>.OnRefused(VerbsError error) => OnPostRefused(error);

    private protected virtual void OnPostRefused(VerbsError error) => Close(CloseReason.VerbsError);
}
