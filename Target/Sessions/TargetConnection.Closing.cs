using Weft.Protocol.Iscsi;
using Weft.Target.Commands;

namespace Weft.Target.Sessions;

// Pings, time limits, and the way to the end.
public abstract partial class TargetConnection
{
    private Instant lastReceived;
    private uint lastPing;
    private bool pingIsOpen, pingIsOut;

    private protected virtual bool Pings => Host.Limits.NopInInterval is { IsInfinite: false, Nanoseconds: > 0 };

    private void ArmPing()
    {
        lastReceived = Host.Executor.Now;
        if (Pings) timer.Arm(lastReceived + Host.Limits.NopInInterval);
        else timer.Cancel();
    }

    private void OnTimer()
    {
        switch (State)
        {
            case ConnectionState.Accepted or ConnectionState.Login:
                Close(CloseReason.LoginTimeout);
                break;
            case ConnectionState.LoggingOut:
                Close(CloseReason.Logout);
                break;
            case ConnectionState.FullFeature:
                PingOrGiveUp();
                break;
        }
    }

    /// <summary>
    /// With nothing to send, a target never learns that its peer is gone: so it pings a connection that was idle for the interval, and
    /// closes it when the answer does not come in time (or when the send fails).
    /// </summary>
    private void PingOrGiveUp()
    {
        var limits = Host.Limits;
        var now = Host.Executor.Now;
        if (pingIsOpen)
        {
            Close(CloseReason.PingTimeout);
            return;
        }
        var idleUntil = lastReceived + limits.NopInInterval;
        if (now < idleUntil)
        {
            timer.Arm(idleUntil);
            return;
        }
        timer.Arm(now + (limits.NopInAsksAnswer ? limits.NopInTimeout : limits.NopInInterval));
        if (pingIsOut) return; // the last one is still on its way
        pingIsOut = true;
        pingIsOpen = limits.NopInAsksAnswer;
        if (pingIsOpen && ++lastPing == TaskTag.Reserved.Value) lastPing = 1;
        SendPing(new NopInPdu
        {
            InitiatorTaskTag = TaskTag.Reserved,
            TargetTransferTag = pingIsOpen ? new(lastPing) : TaskTag.Reserved,
            StatSn = statSn, // the next one, not consumed
            ExpCmdSn = ExpCmdSn,
            MaxCmdSn = MaxCmdSn,
        }.Bhs);
    }

    /// <summary>The ping has left, or never will.</summary>
    protected virtual void PingSent() => pingIsOut = false;

    private bool TakePingAnswer(TaskTag tag)
    {
        if (tag.Value != lastPing || lastPing == 0) return false;
        if (pingIsOpen)
        {
            pingIsOpen = false;
            timer.Arm(Host.Executor.Now + Host.Limits.NopInInterval);
        }
        return true;
    }

    /// <summary>
    /// Ends the connection, once: the transport disconnects and drains, commands are aborted without an answer, and when both are done
    /// everything is given back.
    /// </summary>
    public void Close(CloseReason reason, Violation? violation = null)
    {
        if (!MayClose) return;
        State = ConnectionState.Closing;
        (Reason, Violation) = (reason, violation);
        Host.Observer?.ConnectionClosing(this, reason, violation);
        timer.Cancel();
        dataTimer.Cancel();
        EndLogin();
        CloseTransport();
        DropHeld();
        if (logout is { } task)
        {
            logout = null;
            EndTask(task);
        }
        if (Session is { } session)
        {
            if (session.Nexus is { } nexus) nexus.Target.CloseNexus(nexus);
            else if (!session.IsOver) Host.SessionOver(session);
            EndBursts();
        }
        TryRelease();
    }

    /// <summary>Only the first of several reasons that come together closes.</summary>
    private protected virtual bool MayClose => State < ConnectionState.Closing;

    /// <summary>Commands that have ended, but whose answer waited for data that will not come now.</summary>
    private void EndBursts()
    {
        while (bursts.Count > 0)
        {
            var task = bursts[^1];
            CloseBurst(task);
            if (task.FinishIsDue) Answer(task);
        }
    }

    void ITaskPort.NexusClosed(Nexus nexus)
    {
        Host.SessionOver(Session!);
        if (State == ConnectionState.LoggingOut) AnswerLogout();
        TryRelease();
    }

    /// <summary>Commands are with the core or its back end: it answers them, if to nobody.</summary>
    private protected virtual bool HasWork => TasksInUse > 0 || Session is { IsOver: false };

    /// <summary>Gives everything back if nothing of the connection is anywhere else any more. Harmless at any time.</summary>
    protected void TryRelease()
    {
        if (State != ConnectionState.Closing || !IsTransportIdle || HasWork) return;
        State = ConnectionState.Closed;
        ReleaseTransport();
        Host.Released(this);
    }
}
