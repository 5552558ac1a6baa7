using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Target.Commands;
using Weft.Target.Sessions;

namespace Weft.Target.Srp;

// Events of the connection manager and of the queue pair, and the way to the end.
public partial class SrpChannel
{
    private bool isConnectionOver; // no further event is needed to know that the peer has let go
    private bool isLastWqeReached;
    private bool sendsDrained, receivesDrained, isSendMarked, isReceiveMarked;

    void ICmEventHandler.OnCmEvent(in CmEvent cmEvent)
    {
        switch (cmEvent.Type)
        {
            case CmEventType.Established:
                OnEstablished();
                break;
            case CmEventType.Disconnected:
                isConnectionOver = true;
                Close(CloseReason.PeerDisconnected);
                break;
            case CmEventType.TimewaitExit:
                OnTimewaitExit();
                break;
            case CmEventType.Unreachable or CmEventType.ConnectError or CmEventType.Rejected:
                isConnectionOver = true;
                Close(CloseReason.NotEstablished);
                break;
            case CmEventType.DeviceRemoval:
                Close(CloseReason.DeviceRemoved);
                break;
            case CmEventType.AddressChange:
                Close(CloseReason.TransportError);
                break;
        }
        TryRelease();
    }

    /// <summary>The RTU came, or the queue pair said that the peer speaks. Requests that came earlier are handled now, in order.</summary>
    private protected virtual void OnEstablished()
    {
        if (State != SrpChannelState.Connecting) return; // teardown has begun meanwhile
        State = SrpChannelState.Live;
        Target.Observer?.ChannelLive(this);
        if (options.LoginGrant > 0) creditsOwed += options.QueueDepth - options.LoginGrant;
        TakeWaiting();
        OfferCredits();
    }

    /// <summary>The last event of a connection and the completions before it have no order: what is in the queue is taken first.</summary>
    private protected virtual void OnTimewaitExit()
    {
        isConnectionOver = true;
        if (cq is { } queue) Consume(queue);
        Close(CloseReason.PeerDisconnected);
    }

    internal void OnQueuePairEvent(AsyncEventType type)
    {
        switch (type)
        {
            case AsyncEventType.CommunicationEstablished:
                if (State == SrpChannelState.Connecting && id.NotifyCommunicationEstablished() is not null) Close(CloseReason.VerbsError);
                break;
            case AsyncEventType.LastWqeReached:
                isLastWqeReached = true;
                OnLastWqe();
                break;
            case AsyncEventType.QpFatal or AsyncEventType.QpRequestError or AsyncEventType.QpAccessError:
                Close(CloseReason.TransportError);
                break;
        }
        TryRelease();
    }

    /// <summary>The queue pair takes no further buffer from the shared queue; those it has taken are in the completion queue. IBA Vol 1 §10.2.9.3.</summary>
    private void OnLastWqe()
    {
        if (cq is { } queue) Consume(queue);
        receivesDrained = State == SrpChannelState.Draining;
    }

    /// <summary>
    /// Ends the channel, once: the connection is closed, the queue pair flushes, commands are aborted without an answer, and when all that is
    /// done everything is given back.
    /// </summary>
    public void Close(CloseReason reason)
    {
        if (!MayClose) return;
        State = SrpChannelState.Draining;
        Reason = reason;
        Target.Observer?.ChannelClosing(this, reason);
        completionTimer.Cancel();
        while (!waiting.IsEmpty) ReturnReceive(waiting.Take()); // not handled any more
        Disconnect();
        sends.DropUnposted();
        if (qp is null) (sendsDrained, receivesDrained) = (true, true);
        else PostDrains();
        EndTableWaits();
        if (nexus is not null) Target.Device.CloseNexus(nexus);
        TryRelease();
    }

    /// <summary>Only the first of several reasons that come together closes.</summary>
    private protected virtual bool MayClose => State < SrpChannelState.Draining;

    /// <summary>One DREQ, or one answer to the peer's, by whichever path the end comes.</summary>
    private void Disconnect()
    {
        if (qp is null) return;
        isConnectionOver |= id.Disconnect() is not null; // refused: it was never, or is no longer, connected
        if (qp.State != QpState.Error) qp.Modify(new() { State = QpState.Error }, QpAttributeMask.State);
    }

    /// <summary>
    /// A marker at the end of each queue: what was posted before has completed when both are back. The driver's is a zero-length RDMA WRITE. A
    /// shared receive queue is not flushed; there the last-WQE event tells. A marker that cannot be posted is not waited for, since every
    /// request is counted as well.
    /// </summary>
    private protected virtual void PostDrains()
    {
        isSendMarked = qp!.PostSend(new() { Id = DrainId, Opcode = WorkOpcode.RdmaWrite }, default) is null;
        sendsDrained = !isSendMarked;
        if (Port.Shared is not null)
        {
            receivesDrained = isLastWqeReached;
            return;
        }
        isReceiveMarked = qp.PostReceive(DrainId | ReceiveFlag, default) is null;
        receivesDrained = !isReceiveMarked;
    }

    /// <summary>The target does not wait for the peer to confirm the end.</summary>
    internal void OnTargetStopping() => TryRelease();

    void ITaskPort.NexusClosed(Nexus closed)
    {
        isNexusOver = true;
        Target.CommandsOver(this);
        TryRelease();
    }

    /// <summary>Both queues are empty: neither marker alone says so of the other.</summary>
    private protected virtual bool IsDrained => sendsDrained && receivesDrained && sends.InFlight == 0 && receivesPosted == 0;

    /// <summary>Whether the peer has let go, or nobody waits for that: a target that stops does not.</summary>
    private protected virtual bool IsPeerGone => isConnectionOver || Target.IsStopping;

    private protected bool AreSendsDrained => sendsDrained;
    private protected bool IsConnectionOver => isConnectionOver;

    /// <summary>Gives everything back if nothing of the channel is anywhere else any more. Harmless at any time.</summary>
    private void TryRelease()
    {
        if (State != SrpChannelState.Draining || isPolling || !IsPeerGone || !IsDrained || TasksInUse > 0 || !isNexusOver) return;
        State = SrpChannelState.Closed;
        Release();
        Target.Released(this);
    }
}
