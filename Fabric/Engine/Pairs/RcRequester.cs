using Weft.Fabric.Engine.Memory;
using Weft.Fabric.Engine.Queues;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;
using Weft.Protocol.Transport;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>
/// The sending half of an RC QP. Requests take PSNs in posting order; packets go out while the window is open; what is not
/// acknowledged is sent again from the oldest such PSN. IBA Vol 1 §9.7.2, §9.7.3. The answers' side is in the other part.
/// </summary>
internal sealed partial class RcRequester(QueuePair qp)
{
    private readonly SendQueue queue = qp.Sends;
    private readonly EngineLimits limits = qp.Hca.Limits;

    // unacked <= next <= high: [unacked, next) is in flight, [next, high) was sent before and will be sent again.
    private Psn unacked, next, high;
    // The request and, in it, the packet to send next.
    private ulong cursor;
    private uint cursorPacket;
    private SgePosition gatherAt;
    private bool gatherValid;
    // READs and atomics in [unacked, next), and the PSNs there that only answers take.
    private int readsInFlight;
    private int readPsnsInFlight;
    // Begun READs and atomics whose data has not all come.
    private int dataPending;
    private int sinceAckRequest;

    public Psn NextPsn => next;

    /// <summary>Whether nothing that was begun is unfinished.</summary>
    public bool IsIdle => unacked == high && (queue.IsEmpty || queue[queue.Head].State == WqeState.Posted);

    public void Start(Psn psn)
    {
        unacked = next = high = psn;
        cursor = queue.Head;
        cursorPacket = 0;
        gatherValid = false;
        readsInFlight = readPsnsInFlight = dataPending = sinceAckRequest = 0;
        isWaitingForReceiver = isRepairing = false;
    }

    public void Stop()
    {
        timer?.Cancel();
        isWaitingForReceiver = false;
        cursor = queue.Tail;
    }

    /// <summary>Sends what may be sent now.</summary>
    public void Advance()
    {
        if (isWaitingForReceiver || qp.State is not (QpState.ReadyToSend or QpState.SendQueueDrained)) return;
        while (cursor != queue.Tail)
        {
            ref var wqe = ref queue[cursor];
            if (wqe.State == WqeState.Posted && !TryBegin(ref wqe)) break;
            if (wqe.State == WqeState.Failed)
            {
                if (cursor == queue.Head)
                {
                    FailHead(wqe.Status);
                    return;
                }
                break;
            }
            if (!SendRest(ref wqe)) break;
            cursor++;
            cursorPacket = 0;
            gatherValid = false;
            // A local operation is done once all before it is; with nothing before it nobody else would say so.
            if (wqe.IsLocal) Retire();
        }
        ArmForAnswers();
    }

    /// <summary>Gives a request its PSNs, when its turn has come and its local side is in order.</summary>
    private bool TryBegin(ref SendWqe wqe)
    {
        if (qp.State == QpState.SendQueueDrained) return false;
        if ((wqe.Request.Flags & SendFlags.Fence) != 0 && dataPending != 0) return false; // IBA Vol 1 §10.8.3.3
        wqe.FirstPsn = next;
        if (wqe.IsLocal) return TryRunLocal(ref wqe);
        if (!wqe.IsInline && !ScatterGather.IsAllowed(qp.Hca.Memory, qp.Domain, queue.SgesOf(cursor), wqe.WantsData ? AccessFlags.LocalWrite : AccessFlags.None))
        {
            (wqe.State, wqe.Status) = (WqeState.Failed, CompletionStatus.LocalProtectionError);
            return true;
        }
        if (wqe.WantsData)
        {
            if (qp.Attributes.MaxRdAtomic == 0)
            {
                (wqe.State, wqe.Status) = (WqeState.Failed, CompletionStatus.LocalQpOperationError);
                return true;
            }
            dataPending++;
        }
        wqe.PacketCount = wqe.IsAtomic ? 1 : Segmentation.PacketCount(wqe.Length, qp.MtuShift);
        wqe.State = WqeState.Started;
        return true;
    }

    /// <summary>
    /// Invalidation waits until everything before it is done, since a retransmission would still need the key; registration and
    /// binding take effect in their turn. IBA Vol 1 §10.8.3.3.
    /// </summary>
    private bool TryRunLocal(ref SendWqe wqe)
    {
        var takesAway = wqe.Request.Opcode == WorkOpcode.LocalInvalidate || (wqe.Request.Opcode == WorkOpcode.BindMemoryWindow && wqe.Request.Length == 0);
        if (takesAway && cursor != queue.Head) return false;
        var status = LocalOperations.Run(qp, wqe.Request);
        (wqe.State, wqe.Status) = (status == CompletionStatus.Success ? WqeState.Started : WqeState.Failed, status);
        return true;
    }

    private bool SendRest(ref SendWqe wqe)
    {
        if (wqe.IsRead) return SendReads(ref wqe);
        if (wqe.IsAtomic) return SendAtomic(ref wqe);
        while (cursorPacket < wqe.PacketCount)
        {
            if (!IsWindowOpen) return false;
            if (SendData(ref wqe)) continue;
            // Its memory went away under it. What was sent may still be acknowledged; then it fails.
            (wqe.State, wqe.Status) = (WqeState.Failed, CompletionStatus.LocalProtectionError);
            Retire();
            return false;
        }
        return true;
    }

    private int PacketsInFlight => next - unacked - readPsnsInFlight;
    private bool IsWindowOpen => PacketsInFlight < limits.UnackedWindow;

    /// <summary>One packet of a SEND or WRITE.</summary>
    private bool SendData(ref SendWqe wqe)
    {
        var index = cursorPacket;
        bool first = index == 0, last = index + 1 == wqe.PacketCount;
        var payload = Segmentation.PayloadLength(wqe.Length, index, qp.MtuShift);
        // The last packet that the window admits asks too: without an answer nothing more would move.
        var ask = last || ++sinceAckRequest >= limits.AckRequestInterval || PacketsInFlight + 1 >= limits.UnackedWindow;
        var frame = qp.Port.Rent();
        var target = frame.Buffer.AsSpan(Frame.TransportOffset);
        var header = RequestHeader.Write(target, qp, wqe.Request, wqe.Length, first, last, next, ask, TransportService.ReliableConnection);
        if (!Gather(ref wqe, target.Slice(header, payload)))
        {
            frame.Release();
            return false;
        }
        if (ask) sinceAckRequest = 0;
        Sent(1);
        cursorPacket++;
        qp.Transmit(frame, TransportBuilder.Finish(target, header, payload));
        return true;
    }

    private bool Gather(ref SendWqe wqe, Span<byte> target)
    {
        if (wqe.IsInline)
        {
            queue.InlineOf(cursor).Slice((int)(cursorPacket << qp.MtuShift), target.Length).CopyTo(target);
            return true;
        }
        var list = queue.SgesOf(cursor);
        if (!gatherValid) gatherAt = SgePosition.At(list, cursorPacket << qp.MtuShift);
        gatherValid = true;
        return ScatterGather.Gather(qp.Hca.Memory, qp.Domain, list, ref gatherAt, target);
    }

    /// <summary>
    /// READ requests for what has not come yet, each for at most one flight. Boundaries of flights are fixed for a message, so that
    /// a repeated request ends where the first one did.
    /// </summary>
    private bool SendReads(ref SendWqe wqe)
    {
        while (cursorPacket < wqe.PacketCount)
        {
            var end = FlightEnd(wqe, cursorPacket);
            var packets = end - cursorPacket;
            if (!MayAskForData(packets)) return false;
            var skip = cursorPacket << qp.MtuShift;
            var length = end == wqe.PacketCount ? wqe.Length - skip : packets << qp.MtuShift;
            if (next < high) wqe.IsRetried = true;
            var frame = qp.Port.Rent();
            var target = frame.Buffer.AsSpan(Frame.TransportOffset);
            var header = TransportBuilder.Rdma(target, BthOpcode.RcReadRequest, qp.PKey, qp.Attributes.DestinationQpn, next, ackRequest: true,
                new(wqe.Request.RemoteAddress + skip, wqe.Request.Key, length));
            AskedForData((int)packets);
            cursorPacket = end;
            qp.Transmit(frame, TransportBuilder.Finish(target, header, 0));
        }
        return true;
    }

    private uint FlightEnd(in SendWqe wqe, uint packet) => Math.Min(wqe.PacketCount, (packet / (uint)limits.ReadFlight + 1) * (uint)limits.ReadFlight);

    private bool SendAtomic(ref SendWqe wqe)
    {
        if (!MayAskForData(1)) return false;
        ref readonly var request = ref wqe.Request;
        var frame = qp.Port.Rent();
        var target = frame.Buffer.AsSpan(Frame.TransportOffset);
        var swaps = request.Opcode == WorkOpcode.CompareSwap;
        var header = TransportBuilder.Atomic(target, swaps ? BthOpcode.RcCompareSwap : BthOpcode.RcFetchAdd, qp.PKey, qp.Attributes.DestinationQpn, next,
            ackRequest: true, new(request.RemoteAddress, request.Key, swaps ? request.Swap : request.CompareOrAdd, swaps ? request.CompareOrAdd : 0));
        AskedForData(1);
        cursorPacket = 1;
        qp.Transmit(frame, TransportBuilder.Finish(target, header, 0));
        return true;
    }

    /// <summary>IBA Vol 1 §9.7.3.2 and §10.8.2.3.3: at most max_rd_atomic outstanding; the PSN space bounds the rest.</summary>
    private bool MayAskForData(uint packets) =>
        readsInFlight < qp.Attributes.MaxRdAtomic && IsWindowOpen && next - unacked + packets <= Segmentation.MaxOutstandingPsns;

    private void AskedForData(int psns)
    {
        readsInFlight++;
        readPsnsInFlight += psns;
        sinceAckRequest = 0;
        Sent((uint)psns);
    }

    private void Sent(uint psns)
    {
        if (next < high) qp.Hca.Counters.Retransmissions++;
        next += psns;
        if (next > high) high = next;
    }
}
