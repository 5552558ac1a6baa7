using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;
using Weft.Protocol.Transport;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>
/// What an RC responder owes its peer, in the order of the requests: READ data, atomic results, and one ACK or NAK behind them.
/// It also remembers the last READs and atomics, as many as the peer may have outstanding, to answer them again. Long READs go out
/// in bursts, between which the node does other work. IBA Vol 1 §9.7.5, §9.7.5.1.4.
/// </summary>
internal sealed class ResponseQueue : WorkItem
{
    private struct Resource
    {
        public Psn First, End;
        public Reth Reth;
        /// <summary>READ: the next packet to send, and where this answer ends; a repeated request may want less.</summary>
        public Psn Next, Stop;
        /// <summary>READ: bytes from the beginning up to <see cref="Stop"/>.</summary>
        public uint StopLength;
        public ulong Original;
        public bool IsAtomic;
        /// <summary>To be sent, wholly or from <see cref="Next"/> on.</summary>
        public bool IsPending;
        /// <summary>The next packet begins a response.</summary>
        public bool Starts;
    }

    private readonly QueuePair qp;
    private readonly RcResponder responder;
    private readonly EngineLimits limits;
    private readonly AckItem ackItem;
    private Resource[] resources = [];
    // Resources count up for ever; the last resources.Length are remembered.
    private ulong added, scan;
    private int pending, acksOwed;
    private bool owesAck, owesNak, closesAfterNak;
    private Aeth nak;
    private Psn nakPsn;

    public ResponseQueue(QueuePair qp, RcResponder responder)
    {
        (this.qp, this.responder, limits) = (qp, responder, qp.Hca.Limits);
        ackItem = new(this);
    }

    /// <summary>Whether one more READ or atomic can be remembered: the oldest has been answered.</summary>
    public bool HasRoom => resources.Length != 0 && (added < (ulong)resources.Length || !At(added).IsPending);

    public void Start(int count)
    {
        if (resources.Length != count) resources = new Resource[count];
        (added, scan) = (0, 0);
        Stop();
    }

    public void Stop()
    {
        (pending, acksOwed, owesAck, owesNak, closesAfterNak) = (0, 0, false, false, false);
        Array.Clear(resources);
    }

    /// <summary>Remembers more or fewer from now on; the newest stay.</summary>
    public void Resize(int count)
    {
        if (count == resources.Length) return;
        var old = resources;
        var kept = Math.Min(added, (ulong)Math.Min(count, old.Length));
        resources = new Resource[count];
        (pending, scan) = (0, added - kept);
        for (var position = scan; position != added; position++)
        {
            At(position) = old[(int)(position % (ulong)old.Length)];
            if (At(position).IsPending) pending++;
        }
    }

    public void AddRead(Psn first, Psn end, in Reth reth) => Add(new()
    {
        First = first, End = end, Reth = reth, Next = first, Stop = end, StopLength = reth.DmaLength, IsPending = true, Starts = true,
    });

    public void AddAtomic(Psn psn, ulong original) => Add(new() { First = psn, End = psn.Next, Original = original, IsAtomic = true, IsPending = true });

    private void Add(in Resource resource)
    {
        At(added) = resource;
        if (pending++ == 0) scan = added;
        added++;
        // Its answer acknowledges everything before it. IBA Vol 1 §9.7.5.1.3
        (owesAck, acksOwed) = (false, 0);
        Pump();
    }

    /// <summary>
    /// A repeated READ, which may ask for the tail only: same key, a part of the same range, ending where the remembered one does
    /// or earlier. Otherwise dropped. IBA Vol 1 §9.7.5.1.4.
    /// </summary>
    public void Repeat(Psn psn, in Reth reth)
    {
        if (!TryFind(psn, out var position)) return;
        ref var resource = ref At(position);
        if (resource.IsAtomic || resource.Reth.RKey != reth.RKey) return;
        var skip = Distance(resource.First, psn) << qp.MtuShift;
        if (reth.VirtualAddress != resource.Reth.VirtualAddress + skip || reth.DmaLength > resource.Reth.DmaLength - skip) return;
        resource.Next = psn;
        resource.Stop = psn + Segmentation.PacketCount(reth.DmaLength, qp.MtuShift);
        resource.StopLength = skip + reth.DmaLength;
        resource.Starts = true;
        Resend(position);
    }

    /// <summary>A repeated atomic: its result again, never its effect.</summary>
    public void Repeat(Psn psn)
    {
        if (TryFind(psn, out var position) && At(position).IsAtomic) Resend(position);
    }

    private void Resend(ulong position)
    {
        ref var resource = ref At(position);
        if (!resource.IsPending) pending++;
        resource.IsPending = true;
        if (pending == 1 || position < scan) scan = position;
        Pump();
    }

    private bool TryFind(Psn psn, out ulong position)
    {
        var oldest = added > (ulong)resources.Length ? added - (ulong)resources.Length : 0;
        for (position = added; position-- > oldest;)
        {
            ref readonly var resource = ref At(position);
            if (Distance(resource.First, psn) < Distance(resource.First, resource.End)) return true;
        }
        return false;
    }

    /// <summary>Everything received so far is to be acknowledged, at once or together with what comes next.</summary>
    public void OweAck()
    {
        owesAck = true;
        acksOwed++;
        if (pending != 0) return;
        if (acksOwed >= limits.AckCoalescing) Settle();
        else if (!ackItem.IsPosted) qp.Hca.TransportLane.Post(ackItem, limits.AckDelay);
    }

    /// <summary>A NAK, after the answers that are due before it. The last one said holds.</summary>
    /// <param name="closes">The QP goes to ERROR when it is out.</param>
    public void Nak(Aeth aeth, Psn psn, bool closes)
    {
        (owesNak, nak, nakPsn, closesAfterNak) = (true, aeth, psn, closes);
        if (pending == 0) Settle();
    }

    /// <summary>The packet that a waiting NAK asks for has come.</summary>
    public void ForgetNak() => owesNak = false;

    /// <summary>The next burst.</summary>
    public override void Run()
    {
        if (!qp.IsDestroyed && qp.State != QpState.Error) Pump();
    }

    private void Pump()
    {
        if (IsPosted) return;
        var budget = limits.ReadResponseBurst;
        while (pending > 0)
        {
            while (!At(scan).IsPending) scan++;
            ref var resource = ref At(scan);
            if (resource.IsAtomic) SendAtomicResult(ref resource);
            else
            {
                while (resource.Next != resource.Stop)
                {
                    if (budget-- <= 0 || !qp.Port.HasRoom)
                    {
                        qp.Hca.TransportLane.Post(this, qp.Port.HasRoom ? Duration.Zero : limits.PacingDelay);
                        return;
                    }
                    if (SendReadPacket(ref resource)) continue;
                    // The memory went away during the READ. IBA Vol 1 §9.7.4.1.5
                    pending = 0;
                    responder.OnReadFailed(resource.Next);
                    return;
                }
            }
            resource.IsPending = false;
            pending--;
        }
        Settle();
    }

    /// <summary>Pays the ACK or NAK, when no data is due before it.</summary>
    private void Settle()
    {
        if (owesNak)
        {
            owesNak = owesAck = false;
            acksOwed = 0;
            SendAck(nak, nakPsn);
            if (closesAfterNak) qp.EnterError();
        }
        else if (owesAck)
        {
            owesAck = false;
            acksOwed = 0;
            qp.Hca.Counters.AcksSent++;
            SendAck(Aeth.Ack(responder.Msn), responder.ExpectedPsn - 1);
        }
    }

    private void SendAck(Aeth aeth, Psn psn)
    {
        var frame = qp.Port.Rent();
        var target = frame.Buffer.AsSpan(Frame.TransportOffset);
        var header = TransportBuilder.Response(target, BthOpcode.RcAcknowledge, qp.PKey, qp.Attributes.DestinationQpn, psn, aeth);
        qp.Transmit(frame, TransportBuilder.Finish(target, header, 0));
    }

    private void SendAtomicResult(ref Resource resource)
    {
        var frame = qp.Port.Rent();
        var target = frame.Buffer.AsSpan(Frame.TransportOffset);
        var header = TransportBuilder.AtomicAcknowledge(target, qp.PKey, qp.Attributes.DestinationQpn, resource.First, Aeth.Ack(responder.Msn), resource.Original);
        qp.Transmit(frame, TransportBuilder.Finish(target, header, 0));
    }

    private bool SendReadPacket(ref Resource resource)
    {
        var index = Distance(resource.First, resource.Next);
        var length = resource.StopLength;
        var payload = Segmentation.PayloadLength(length, index, qp.MtuShift);
        var address = resource.Reth.VirtualAddress + (index << qp.MtuShift);
        Memory.MemoryRegion? region = null;
        var offset = 0UL;
        if (length != 0 && !qp.Hca.Memory.TryRemote(resource.Reth.RKey, qp, address, (uint)payload, AccessFlags.RemoteRead, out region, out offset)) return false;
        bool starts = resource.Starts, ends = resource.Next.Next == resource.Stop;
        var frame = qp.Port.Rent();
        var target = frame.Buffer.AsSpan(Frame.TransportOffset);
        var opcode = starts ? ends ? BthOpcode.RcReadResponseOnly : BthOpcode.RcReadResponseFirst
            : ends ? BthOpcode.RcReadResponseLast : BthOpcode.RcReadResponseMiddle;
        var destination = qp.Attributes.DestinationQpn;
        var header = opcode == BthOpcode.RcReadResponseMiddle
            ? TransportBuilder.Plain(target, opcode, qp.PKey, destination, resource.Next, ackRequest: false)
            : TransportBuilder.Response(target, opcode, qp.PKey, destination, resource.Next, Aeth.Ack(responder.Msn));
        region?.CopyTo(offset, target.Slice(header, payload));
        resource.Starts = false;
        resource.Next = resource.Next.Next;
        qp.Transmit(frame, TransportBuilder.Finish(target, header, payload));
        return true;
    }

    /// <summary>Unsigned: a READ of 2^31 bytes may take half of all PSNs.</summary>
    private static uint Distance(Psn from, Psn to) => (to.Value - from.Value) & Psn.Mask;

    private ref Resource At(ulong position) => ref resources[(int)(position % (ulong)resources.Length)];

    private sealed class AckItem(ResponseQueue queue) : WorkItem
    {
        public override void Run()
        {
            if (!queue.qp.IsDestroyed && queue.qp.State != QpState.Error && queue.pending == 0) queue.Settle();
        }
    }
}
