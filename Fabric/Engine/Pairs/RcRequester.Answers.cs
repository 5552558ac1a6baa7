using System.Buffers.Binary;
using Weft.Fabric.Engine.Memory;
using Weft.Fabric.Engine.Queues;
using Weft.Fabric.Verbs;
using Weft.Protocol.Ib;
using Weft.Protocol.Transport;

namespace Weft.Fabric.Engine.Pairs;

// Acknowledgements, READ responses, NAKs, and what to do without them. IBA Vol 1 §9.7.5, §9.7.6, §9.9.2.
internal sealed partial class RcRequester
{
    private RetryPolicy retry;
    private QpTimer? timer;
    private Duration timeout;
    private bool isWaitingForReceiver;
    // Set by going back, so that answers to the first sending, which are still under way, do not make it go back again and again.
    private bool isRepairing;
    private SgePosition scatterAt;
    private Psn scatterPsn;

    /// <summary>Takes over retry counts and timeout.</summary>
    public void OnAttributesChanged()
    {
        timeout = AckTimeout.Of(qp.Attributes.Timeout);
        retry = new(qp.Attributes.RetryCount, qp.Attributes.RnrRetry);
    }

    public void Dispose()
    {
        if (timer is not null) qp.Hca.Return(timer);
        timer = null;
    }

    public void OnAnswer(in TransportPacket packet)
    {
        var psn = packet.Psn;
        if (psn >= high || qp.State is not (QpState.ReadyToSend or QpState.SendQueueDrained)) return; // ghost: IBA Vol 1 §9.7.5.1.1
        if (psn < unacked)
        {
            // A repeated READ begins again with First or Only, so it has been answered: losses after this one are new.
            if (packet.Info.IsReadResponse && packet.Info.StartsMessage) isRepairing = false;
            return;
        }
        if (packet.Info.IsAcknowledge) OnAcknowledge(psn, packet.Aeth);
        else OnData(psn, packet);
        if (qp.State is not (QpState.ReadyToSend or QpState.SendQueueDrained)) return;
        Advance();
        qp.ReportDrained();
    }

    private void OnAcknowledge(Psn psn, Aeth aeth)
    {
        switch (aeth.Kind)
        {
            case AethKind.Ack:
                // Of a READ or atomic an ACK says only that its answer is lost. IBA Vol 1 §9.7.5.1.3
                if (!AdvanceTo(psn.Next)) Repair();
                break;
            case AethKind.RnrNak:
                if (!AdvanceTo(psn)) Repair();
                else if (unacked == psn) OnReceiverNotReady(aeth.Code);
                break;
            case AethKind.Nak:
                if (!AdvanceTo(psn)) Repair();
                else if (unacked != psn || qp.State == QpState.Error) return;
                else if (aeth.Code == (int)NakCode.PsnSequenceError) Repair();
                else if (IsBegun(queue.Head)) FailHead(StatusOf((NakCode)aeth.Code));
                break;
        }
    }

    /// <summary>READ response or atomic acknowledge; also acknowledges everything before its PSN.</summary>
    private void OnData(Psn psn, in TransportPacket packet)
    {
        if (!AdvanceTo(psn) || unacked != psn)
        {
            Repair();
            return;
        }
        if (qp.State == QpState.Error || !IsBegun(queue.Head)) return;
        ref var wqe = ref queue[queue.Head];
        var accepted = packet.Info.IsAtomicAcknowledge ? wqe.IsAtomic && TryStoreAtomic(ref wqe, packet.AtomicAckEth.Original) : TryStoreRead(ref wqe, psn, packet);
        if (!accepted)
        {
            FailHead(wqe.Status == CompletionStatus.Success ? CompletionStatus.BadResponse : wqe.Status);
            return;
        }
        readPsnsInFlight--;
        if (wqe.IsAtomic || wqe.IndexOf(psn.Next) == FlightEnd(wqe, wqe.IndexOf(psn))) readsInFlight--;
        if (wqe.IsDone(psn.Next)) dataPending--;
        Acknowledged(psn.Next, endsRepair: packet.Info.StartsMessage);
    }

    private bool TryStoreAtomic(ref SendWqe wqe, ulong original)
    {
        Span<byte> value = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(value, original); // memory has the host's byte order, the wire is big-endian
        var at = default(SgePosition);
        return Scatter(ref wqe, ref at, value);
    }

    /// <summary>Opcode sequence and length: IBA Vol 1 §9.7.5.1.8, §9.9.2.3.</summary>
    private bool TryStoreRead(ref SendWqe wqe, Psn psn, in TransportPacket packet)
    {
        if (!wqe.IsRead) return false;
        var index = wqe.IndexOf(psn);
        var flight = (uint)limits.ReadFlight;
        bool ends = index + 1 == FlightEnd(wqe, index), starts = index % flight == 0;
        if (packet.Info.EndsMessage != ends) return false;
        // Answers to a request and to its repetition may mix; before that, the order is strict.
        if (!wqe.IsRetried && packet.Info.StartsMessage != starts) return false;
        var payload = packet.Payload;
        if (payload.Length != Segmentation.PayloadLength(wqe.Length, index, qp.MtuShift)) return false;
        if (index == 0 || scatterPsn != psn) scatterAt = SgePosition.At(queue.SgesOf(queue.Head), index << qp.MtuShift);
        scatterPsn = psn.Next;
        return Scatter(ref wqe, ref scatterAt, payload);
    }

    private bool Scatter(ref SendWqe wqe, ref SgePosition at, ReadOnlySpan<byte> data)
    {
        if (ScatterGather.Scatter(qp.Hca.Memory, qp.Domain, queue.SgesOf(queue.Head), ref at, data)) return true;
        wqe.Status = CompletionStatus.LocalProtectionError;
        return false;
    }

    /// <summary>
    /// Everything before <paramref name="target"/> was received by the peer. False when a READ or atomic there still lacks its data,
    /// beyond which nothing can be completed.
    /// </summary>
    private bool AdvanceTo(Psn target)
    {
        var stop = target;
        if (dataPending != 0)
        {
            for (var i = queue.Head; i != queue.Tail && IsBegun(i); i++)
            {
                ref var wqe = ref queue[i];
                // The oldest request began at or before the oldest PSN; those behind it begin at or after it.
                var begins = i == queue.Head ? unacked : wqe.FirstPsn;
                if (begins >= target) break;
                if (!wqe.WantsData) continue;
                stop = begins;
                break;
            }
        }
        if (stop > unacked) Acknowledged(stop, endsRepair: true);
        return stop == target;
    }

    private void Acknowledged(Psn upTo, bool endsRepair)
    {
        unacked = upTo;
        if (endsRepair) isRepairing = false;
        retry.OnProgress();
        Retire();
        if (qp.State == QpState.Error) return;
        // Going back is followed by sending again at once, and what was in flight fits the window a second time.
        if (next < unacked) throw new InvalidOperationException($"PSN {unacked} acknowledged, {next} is the next to send");
        if (!isWaitingForReceiver && unacked != next && !timeout.IsInfinite) Timer.Arm(qp.Hca.Executor.Now + timeout);
    }

    /// <summary>Completes what is done, in order. IBA Vol 1 §10.8.5.1.</summary>
    private void Retire()
    {
        while (queue.Head != queue.Tail)
        {
            ref var wqe = ref queue[queue.Head];
            if (wqe.State == WqeState.Posted) return;
            if (wqe.State == WqeState.Failed)
            {
                FailHead(wqe.Status);
                return;
            }
            if (!wqe.IsDone(unacked) || (wqe.IsLocal && queue.Head == cursor)) return;
            qp.CompleteSend(ref wqe, CompletionStatus.Success);
            queue.RemoveHead();
        }
    }

    private bool IsBegun(ulong position) => position != queue.Tail && queue[position].State == WqeState.Started;

    /// <summary>Sends again from the oldest PSN that is not acknowledged. IBA Vol 1 §9.7.5.1.2, go back N.</summary>
    private void GoBack()
    {
        next = unacked;
        readsInFlight = readPsnsInFlight = 0;
        cursor = queue.Head;
        cursorPacket = IsBegun(cursor) ? queue[cursor].IndexOf(unacked) : 0;
        gatherValid = false;
    }

    /// <summary>Something was lost: a request, says a sequence NAK, or an answer, says a later one.</summary>
    private void Repair()
    {
        if (isRepairing || isWaitingForReceiver || qp.State == QpState.Error) return;
        if (!retry.TryRetry())
        {
            FailHead(CompletionStatus.RetryExceeded);
            return;
        }
        isRepairing = true;
        GoBack();
    }

    private void OnReceiverNotReady(int code)
    {
        if (isWaitingForReceiver || qp.State == QpState.Error) return;
        if (!retry.TryRnrRetry())
        {
            FailHead(CompletionStatus.RnrRetryExceeded);
            return;
        }
        isWaitingForReceiver = true;
        Timer.Arm(qp.Hca.Executor.Now + RnrTimer.Of(code));
    }

    public void OnTimer()
    {
        if (qp.State is not (QpState.ReadyToSend or QpState.SendQueueDrained)) return;
        if (isWaitingForReceiver) isWaitingForReceiver = false;
        else
        {
            if (unacked == high) return;
            qp.Hca.Counters.Timeouts++;
            if (!retry.TryRetry())
            {
                FailHead(CompletionStatus.RetryExceeded);
                return;
            }
        }
        isRepairing = false;
        GoBack();
        Advance();
    }

    private QpTimer Timer => timer ??= qp.Hca.RentTimer(qp);

    private void ArmForAnswers()
    {
        if (isWaitingForReceiver || qp.State == QpState.Error) return;
        if (unacked == next) timer?.Cancel();
        else if (!timeout.IsInfinite && !Timer.IsArmed) Timer.Arm(qp.Hca.Executor.Now + timeout);
    }

    /// <summary>The oldest request fails; the QP with it. IBA Vol 1 §10.8.6.2.</summary>
    private void FailHead(CompletionStatus status)
    {
        if (queue.IsEmpty) return;
        qp.CompleteSend(ref queue[queue.Head], status);
        queue.RemoveHead();
        qp.EnterError();
    }

    private static CompletionStatus StatusOf(NakCode code) => code switch
    {
        NakCode.InvalidRequest => CompletionStatus.RemoteInvalidRequest,
        NakCode.RemoteAccessError => CompletionStatus.RemoteAccessError,
        NakCode.RemoteOperationalError => CompletionStatus.RemoteOperationError,
        _ => CompletionStatus.BadResponse,
    };
}
