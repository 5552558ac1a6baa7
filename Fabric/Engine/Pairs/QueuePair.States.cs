using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Pairs;

// Modify QP and what each state means for the queues. IBA Vol 1 §10.3.1.
internal sealed partial class QueuePair
{
    public VerbsError? Modify(in QpAttributes given, QpAttributeMask mask)
    {
        if (IsDestroyed) return new(VerbsErrorCode.NotFound, "the QP is destroyed");
        var to = (mask & QpAttributeMask.State) != 0 ? given.State : State;
        if ((mask & QpAttributeMask.CurrentState) != 0 && given.CurrentState != State) return new(VerbsErrorCode.InvalidState, $"in {State}, not {given.CurrentState}");
        if (!QpTransitions.TryFind(Type, State, to, out var edge)) return new(VerbsErrorCode.InvalidState, $"no way from {State} to {to}");
        var attributesGiven = mask & ~QpAttributeMask.State;
        if ((edge.Required & ~attributesGiven) is not 0 and var missing) return new(VerbsErrorCode.InvalidAttribute, $"{State} to {to} requires {missing}");
        if ((attributesGiven & ~edge.Required & ~edge.Optional) is not 0 and var extra) return new(VerbsErrorCode.InvalidAttribute, $"{State} to {to} does not admit {extra}");
        if (QpAttributeRules.Check(Hca, attributes.Port, given, attributesGiven) is { } error) return error;
        Apply(given, attributesGiven);
        Enter(to);
        return null;
    }

    private void Apply(in QpAttributes given, QpAttributeMask mask)
    {
        if (Has(QpAttributeMask.EnableDrainedNotify)) attributes.EnableDrainedNotify = given.EnableDrainedNotify;
        if (Has(QpAttributeMask.Access)) attributes.Access = given.Access;
        if (Has(QpAttributeMask.PKeyIndex)) attributes.PKeyIndex = given.PKeyIndex;
        if (Has(QpAttributeMask.Port)) attributes.Port = given.Port;
        if (Has(QpAttributeMask.QKey)) attributes.QKey = given.QKey;
        if (Has(QpAttributeMask.AddressVector)) attributes.AddressVector = given.AddressVector;
        if (Has(QpAttributeMask.PathMtu)) attributes.PathMtu = given.PathMtu;
        if (Has(QpAttributeMask.Timeout)) attributes.Timeout = given.Timeout;
        if (Has(QpAttributeMask.RetryCount)) attributes.RetryCount = given.RetryCount;
        if (Has(QpAttributeMask.RnrRetry)) attributes.RnrRetry = given.RnrRetry;
        if (Has(QpAttributeMask.RqPsn)) attributes.RqPsn = given.RqPsn;
        if (Has(QpAttributeMask.SqPsn)) attributes.SqPsn = given.SqPsn;
        if (Has(QpAttributeMask.MaxRdAtomic)) attributes.MaxRdAtomic = given.MaxRdAtomic;
        if (Has(QpAttributeMask.MaxDestRdAtomic)) attributes.MaxDestRdAtomic = given.MaxDestRdAtomic;
        if (Has(QpAttributeMask.MinRnrTimer)) attributes.MinRnrTimer = given.MinRnrTimer;
        if (Has(QpAttributeMask.DestinationQpn)) attributes.DestinationQpn = given.DestinationQpn;

        bool Has(QpAttributeMask attribute) => (mask & attribute) != 0;
    }

    /// <summary>The only way into a state, but for errors that the transport finds.</summary>
    private void Enter(QpState to)
    {
        var from = State;
        if (to == QpState.Error)
        {
            EnterError();
            return;
        }
        State = to;
        if (to is not (QpState.Reset or QpState.Init)) CachePath();
        switch (to)
        {
            case QpState.Reset:
                Clear();
                break;
            case QpState.ReadyToReceive:
                Responder?.Start(attributes.RqPsn, attributes.MaxDestRdAtomic);
                UcReceiver?.Start(attributes.RqPsn);
                break;
            case QpState.ReadyToSend:
                if (from == QpState.ReadyToReceive)
                {
                    Requester?.Start(attributes.SqPsn);
                    Sender?.Start(attributes.SqPsn);
                }
                Requester?.OnAttributesChanged();
                Resume();
                break;
            case QpState.SendQueueDrained:
                if (from != QpState.SendQueueDrained) drainReported = false;
                else
                {
                    Requester?.OnAttributesChanged();
                    Responder?.Resize(attributes.MaxDestRdAtomic);
                }
                ReportDrained();
                break;
        }
    }

    /// <summary>Goes on with the send queue.</summary>
    private void Resume()
    {
        Requester?.Advance();
        Sender?.Advance();
    }

    /// <summary>Raises send queue drained, once, when everything begun before SQD is done. IBA Vol 1 §10.3.1.5.</summary>
    public void ReportDrained()
    {
        if (State != QpState.SendQueueDrained || drainReported || Requester is { IsIdle: false }) return;
        drainReported = true;
        if (attributes.EnableDrainedNotify) Raise(AsyncEventType.SendQueueDrained);
    }

    /// <summary>RESET forgets all requests without completions. IBA Vol 1 §10.3.1.1.</summary>
    private void Clear()
    {
        Requester?.Stop();
        Responder?.Stop();
        Sends.Clear();
        Receives.Clear();
        if (Buffer.IsTaken) Buffer.Release();
        attributes = default;
        IsAwaitingEstablishment = false;
        lastWqeReported = drainReported = establishmentReported = false;
    }

    /// <summary>
    /// ERROR: nothing more is sent or taken in, and both queues are flushed, each in its own order; which of them comes first is open.
    /// The completion that tells the cause is in its queue already. IBA Vol 1 §10.3.1.6.
    /// </summary>
    public void EnterError()
    {
        if (State is QpState.Error or QpState.Reset) return;
        State = QpState.Error;
        Requester?.Stop();
        Responder?.Stop();
        Flush(sends: true, receives: true);
    }

    /// <summary>SQE: the send queue of an unreliable QP stops and is flushed, receives go on. IBA Vol 1 §10.3.1.7.</summary>
    public void EnterSendQueueError()
    {
        State = QpState.SendQueueError;
        Flush(sends: true, receives: false);
    }

    private void Flush(bool sends, bool receives)
    {
        if (sends && !sendFlush.IsPosted) Hca.SendFlushLane.Post(sendFlush);
        if (receives && !receiveFlush.IsPosted) Hca.ReceiveFlushLane.Post(receiveFlush);
    }

    private void FlushSends()
    {
        if (State is not (QpState.Error or QpState.SendQueueError)) return;
        while (!Sends.IsEmpty)
        {
            CompleteSend(ref Sends[Sends.Head], CompletionStatus.Flushed);
            Sends.RemoveHead();
        }
    }

    private void FlushReceives()
    {
        if (State != QpState.Error) return;
        if (Buffer.IsTaken) FailReceive(CompletionStatus.Flushed);
        while (Receives.TryTake(Buffer)) FailReceive(CompletionStatus.Flushed);
        if (SharedReceives is null || lastWqeReported) return;
        lastWqeReported = true; // an SRQ is not flushed: its buffers belong to the other QPs too. IBA Vol 1 §10.2.9.3
        Raise(AsyncEventType.LastWqeReached);
    }

    private sealed class FlushItem(QueuePair qp, bool ofReceives) : Execution.WorkItem
    {
        public override void Run()
        {
            if (qp.IsDestroyed) return;
            if (ofReceives) qp.FlushReceives();
            else qp.FlushSends();
        }
    }
}
