using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Target.Sessions;

namespace Weft.Target.Iser;

// Events of the connection manager and of the queue pair, and the farewell.
public partial class IserConnection
{
    private bool isConnectionOver; // no further event is needed to know that the peer has let go
    private bool hasDisconnected;
    private bool sendsDrained, receivesDrained, hasMarkers, isDraining;

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
                OnNotEstablished();
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

    /// <summary>The RTU came, or the queue pair said that the peer speaks. Messages that came earlier are handled now, in order.</summary>
    private protected virtual void OnEstablished()
    {
        if (State != ConnectionState.Accepted) return; // teardown has begun meanwhile
        Established();
        while (!early.IsEmpty)
        {
            var slot = (ReceiveSlot)early.Take();
            slot.IsHeld = false;
            Handle(slot, slot.HeldLength);
        }
    }

    /// <summary>The answer to the request never reached the peer: this comes in place of Established.</summary>
    private protected virtual void OnNotEstablished()
    {
        isConnectionOver = true;
        Close(CloseReason.NotEstablished);
    }

    /// <summary>The last event of a connection. Completions may still be unseen; they are handled as ever.</summary>
    private protected virtual void OnTimewaitExit()
    {
        isConnectionOver = true;
        Close(CloseReason.PeerDisconnected);
    }

    internal void OnQueuePairEvent(AsyncEventType type)
    {
        switch (type)
        {
            case AsyncEventType.CommunicationEstablished:
                OnCommunicationEstablished();
                break;
            case AsyncEventType.QpFatal or AsyncEventType.QpRequestError or AsyncEventType.QpAccessError:
                Close(CloseReason.TransportError);
                break;
        }
    }

    /// <summary>Data came although the RTU did not: the connection manager is told, and Established follows.</summary>
    private protected virtual void OnCommunicationEstablished()
    {
        if (State == ConnectionState.Accepted) Check(id.NotifyCommunicationEstablished());
    }

    /// <summary>A refused verb ends the connection, once.</summary>
    private void Check(VerbsError? error)
    {
        if (error is not null) Close(CloseReason.VerbsError);
    }

    protected override void CloseTransport()
    {
        isDraining = true;
        while (!early.IsEmpty) early.Take(); // not handled any more; their buffers are not posted again
        Disconnect();
        if (qp is null)
        {
            (sendsDrained, receivesDrained) = (true, true);
            return;
        }
        sends.DropUnposted();
        PostDrains();
    }

    /// <summary>One DREQ, or one answer to the peer's, by whichever path the end comes.</summary>
    private protected virtual void Disconnect()
    {
        if (hasDisconnected) return;
        hasDisconnected = true;
        if (qp is null) return;
        if (id.Disconnect() is not null)
        {
            isConnectionOver = true; // it was never, or is no longer, connected
        }
        if (qp.State != QpState.Error) qp.Modify(new() { State = QpState.Error }, QpAttributeMask.State);
    }

    /// <summary>
    /// One marker at the end of each queue: what was posted before has completed when both are back. A marker that cannot be posted is
    /// not waited for, since every request is counted as well.
    /// </summary>
    private protected virtual void PostDrains()
    {
        var request = new SendRequest { Id = DrainId, Opcode = WorkOpcode.Send };
        sendsDrained = qp!.PostSend(request, default) is not null;
        receivesDrained = qp.PostReceive(DrainId | ReceiveFlag, default) is not null;
        hasMarkers = !sendsDrained && !receivesDrained;
    }

    protected override bool IsTransportIdle => isConnectionOver && MayRelease && !isPolling;

    private protected bool SendsDrained => sendsDrained;

    /// <summary>Both queues are empty: neither marker alone says so of the other.</summary>
    private protected virtual bool MayRelease => sendsDrained && receivesDrained && sends.InFlight == 0 && receivesPosted == 0;
}
