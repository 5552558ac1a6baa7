using Weft.Fabric.Verbs;
using Weft.Target.Rdma;
using Weft.Target.Sessions;

namespace Weft.Target.Iser;

// Work requests: posting, and what their completions mean.
public partial class IserConnection
{
    private const ulong ReceiveFlag = 1UL << 63;
    private const ulong DrainId = ReceiveFlag - 1;

    private readonly WorkCompletion[] completions = new WorkCompletion[32];
    private readonly SendQueue<IserTask> sends;
    private int receivesPosted, receiveCapacity;
    private bool isPolling;

    void ICompletionHandler.OnCompletions(ICompletionQueue queue)
    {
        if (cq != queue) return; // given back meanwhile
        Consume(queue);
        TryRelease();
    }

    /// <summary>
    /// Takes everything, asks to be told of more, and looks once again: what came between the last look and the request is told by nobody.
    /// </summary>
    private protected virtual void Consume(ICompletionQueue queue)
    {
        PollAll(queue);
        queue.Arm();
        PollAll(queue);
    }

    private protected void PollAll(ICompletionQueue queue)
    {
        while (PollSome(queue, completions.Length))
        {
        }
    }

    /// <summary>Takes so many completions at most; false when there were none.</summary>
    private protected bool PollSome(ICompletionQueue queue, int most)
    {
        var count = queue.Poll(completions.AsSpan(0, most));
        isPolling = true;
        for (var i = 0; i < count; i++) OnCompletion(completions[i]);
        isPolling = false;
        return count > 0;
    }

    private void OnCompletion(in WorkCompletion completion)
    {
        var id = completion.Id;
        var succeeded = completion.Status == CompletionStatus.Success;
        if (id == DrainId) sendsDrained = true;
        else if (id == (DrainId | ReceiveFlag)) receivesDrained = true;
        else if ((id & ReceiveFlag) != 0) OnReceived((int)(id & ~ReceiveFlag), succeeded, (int)completion.ByteLength);
        else OnSent((int)id, succeeded);
    }

    /// <summary>Work behind a drain marker: posted when nothing may be posted any more.</summary>
    private void RequireBeforeDrain(bool isDrained)
    {
        if (isDrained && hasMarkers) throw new InvalidOperationException($"{Name}: a completion came behind the drain marker");
    }

    private void OnReceived(int index, bool succeeded, int length)
    {
        var slot = index == 0 ? loginReceive! : receives[index - 1];
        RequireBeforeDrain(receivesDrained);
        (slot.IsPosted, slot.IsHeld) = (false, false);
        receivesPosted--;
        if (!succeeded)
        {
            Close(CloseReason.TransportError); // a flush of our own closing changes nothing
            return;
        }
        if (State == ConnectionState.Accepted) Hold(slot, length);
        else Handle(slot, length);
    }

    /// <summary>
    /// The first login request may be here before the event that says that the connection is: it waits, and its buffer is not posted again
    /// until it was handled.
    /// </summary>
    private protected virtual void Hold(ReceivedPdu slot, int length)
    {
        slot.IsHeld = true;
        ((ReceiveSlot)slot).HeldLength = length;
        early.Add(slot);
        Host.Observer?.PduHeld(this);
    }

    private void Handle(ReceiveSlot slot, int length)
    {
        if (State >= ConnectionState.Closing) return;
        if (slot.Read(length) is { } violation)
        {
            Close(CloseReason.ProtocolError, violation);
            return;
        }
        Receive(slot);
        if (!slot.IsHeld) ReturnReceived(slot);
    }

    protected override void ReturnReceived(ReceivedPdu pdu)
    {
        if (pdu == loginReceive && Session is not null) return; // full feature phase has buffers of its own
        PostReceive((ReceiveSlot)pdu);
    }

    private void PostReceive(ReceiveSlot slot)
    {
        if (!MayPost || slot.IsPosted) return;
        if (qp!.PostReceive((uint)slot.Index | ReceiveFlag, [slot.Sge]) is { } error)
        {
            Check(error);
            return;
        }
        slot.IsPosted = true;
        receivesPosted++;
    }

    /// <summary>Nothing is posted behind the drain markers, where nobody would wait for it.</summary>
    private protected virtual bool MayPost => !isDraining;

    private SendWork<IserTask> TakeWork(byte kind, IserTask? task, WorkOpcode opcode)
    {
        if (task is not null) task.PendingWork++;
        return sends.Take(kind, task, opcode);
    }

    private void OnSent(int index, bool succeeded)
    {
        RequireBeforeDrain(sendsDrained);
        if (!succeeded) Close(CloseReason.TransportError);
        sends.Complete(index, succeeded);
    }

    bool ISendQueueUser<IserTask>.MayPost => MayPost;

    bool ISendQueueUser<IserTask>.MustWait(byte kind, bool hasRoom) => MustQueue(kind, hasRoom);

    /// <summary>Pings have a buffer of their own, and no more room than that.</summary>
    private protected virtual bool MustQueue(byte kind, bool hasRoom) => !hasRoom;

    void ISendQueueUser<IserTask>.OnRefused(VerbsError error) => Check(error);

    void ISendQueueUser<IserTask>.OnWorkDone(SendWork<IserTask> work, bool succeeded)
    {
        var (kind, task) = (work.Kind, work.Task);
        switch (kind)
        {
            case IserWorkKind.LoginResponse:
                LoginResponseSent();
                return;
            case IserWorkKind.Ping:
                PingSent();
                return;
        }
        task!.PendingWork--;
        if (kind is IserWorkKind.Fetch or IserWorkKind.Place) MovePartDone(task, succeeded);
        EndIfDone(task);
    }

    /// <summary>A task ends when its answer is on its way, or it has none, and nothing of it is with the device.</summary>
    private void EndIfDone(IserTask task)
    {
        if (!task.IsEnding || !MayEnd(task)) return;
        task.IsEnding = false;
        ResponseSent(task);
    }

    /// <summary>A read is an RDMA WRITE and a SEND: both must have come back, well or flushed.</summary>
    private protected virtual bool MayEnd(IscsiTask task) => ((IserTask)task).PendingWork == 0;
}
