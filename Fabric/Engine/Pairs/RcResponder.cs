using System.Buffers.Binary;
using Weft.Fabric.Verbs;
using Weft.Protocol.Ib;
using Weft.Protocol.Transport;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>
/// The receiving half of an RC QP. Checks in this order: PSN, opcode sequence, permission, receive or resources, length, key;
/// then it executes and acknowledges. IBA Vol 1 §9.7.4, §9.9.3.
/// </summary>
internal sealed class RcResponder
{
    private enum Open : byte { Nothing, Send, Write }

    private readonly QueuePair qp;
    private readonly ResponseQueue answers;
    private Psn expected;
    private bool hasNaked, isClosed;
    private Open open;
    private WriteProgress write;

    public RcResponder(QueuePair qp) => (this.qp, answers) = (qp, new(qp, this));

    public Psn ExpectedPsn => expected;
    /// <summary>Messages completed, 24 bits. IBA Vol 1 §9.7.7.1.</summary>
    public uint Msn { get; private set; }

    public void Start(Psn psn, int resources)
    {
        (expected, Msn, open, hasNaked, isClosed) = (psn, 0, Open.Nothing, false, false);
        answers.Start(resources);
    }

    public void Resize(int resources) => answers.Resize(resources);

    public void Stop()
    {
        isClosed = true;
        answers.Stop();
    }

    public void OnRequest(in TransportPacket packet, PacketFault fault)
    {
        if (isClosed) return;
        var psn = packet.Psn;
        if (psn != expected)
        {
            if (psn > expected) OnGap();
            else OnDuplicate(psn, packet, fault);
            return;
        }
        if (hasNaked)
        {
            hasNaked = false;
            answers.ForgetNak();
        }
        var info = packet.Info;
        if (!FitsSequence(info)) Refuse(NakCode.InvalidRequest, CompletionStatus.RemoteInvalidRequest, AsyncEventType.QpRequestError);
        else if (info.IsSend) OnSend(packet, fault);
        else if (info.IsWrite) OnWrite(packet, fault);
        else if (info.IsReadRequest) OnRead(packet, fault);
        else if (info.IsAtomic) OnAtomic(packet, fault);
        else RefuseRequest(); // FLUSH and ATOMIC WRITE are not offered
    }

    /// <summary>A reserved opcode in its turn. IBA Vol 1 §9.7.4.1.2.</summary>
    public void OnUnknownRequest(Psn psn)
    {
        if (isClosed) return;
        if (psn > expected) OnGap();
        else if (psn == expected) RefuseRequest();
    }

    /// <summary>IBA Vol 1 §9.7.4.1.2, table 46: First and Only between messages, Middle and Last inside one of their kind.</summary>
    private bool FitsSequence(OpcodeInfo info) =>
        info.StartsMessage ? open == Open.Nothing : open == (info.IsSend ? Open.Send : info.IsWrite ? Open.Write : Open.Nothing) && open != Open.Nothing;

    /// <summary>A packet is missing: says so once, then waits for it in silence. IBA Vol 1 §9.7.5.1.2.</summary>
    private void OnGap()
    {
        if (hasNaked) return;
        hasNaked = true;
        qp.Hca.Counters.SequenceNaksSent++;
        answers.Nak(Aeth.Nak(NakCode.PsnSequenceError, Msn), expected, closes: false);
    }

    /// <summary>A request seen before. IBA Vol 1 §9.7.5.1.4, §9.7.4.4.</summary>
    private void OnDuplicate(Psn psn, in TransportPacket packet, PacketFault fault)
    {
        if (fault != PacketFault.None) return;
        qp.Hca.Counters.Duplicates++;
        if (packet.Info.IsReadRequest) answers.Repeat(psn, packet.Reth);
        else if (packet.Info.IsAtomic) answers.Repeat(psn);
        else answers.OweAck();
    }

    private void OnSend(in TransportPacket packet, PacketFault fault)
    {
        var info = packet.Info;
        if (info.StartsMessage && !qp.TryTakeReceive())
        {
            NotReady();
            return;
        }
        var payload = packet.PayloadLength;
        if (fault != PacketFault.None || !HasRightLength(info, payload))
        {
            RefuseRequest();
            return;
        }
        if (!qp.Buffer.HasRoomFor(payload))
        {
            Refuse(NakCode.InvalidRequest, CompletionStatus.LocalLengthError, AsyncEventType.QpRequestError);
            return;
        }
        if (!qp.Store(packet.Payload))
        {
            Refuse(NakCode.RemoteOperationalError, CompletionStatus.LocalProtectionError, AsyncEventType.QpFatal);
            return;
        }
        open = info.EndsMessage ? Open.Nothing : Open.Send;
        expected = expected.Next;
        if (info.EndsMessage && !CompleteSend(packet)) return;
        if (packet.AckRequest) answers.OweAck();
    }

    private bool CompleteSend(in TransportPacket packet)
    {
        var info = packet.Info;
        Msn = (Msn + 1) & Psn.Mask;
        if (info.HasInvalidate && !LocalOperations.TryRemoteInvalidate(qp, packet.Invalidate.RKey))
        {
            // The message itself was received: the sender gets its acknowledgement, the receiver the error. IBA Vol 1 §9.9.3, class J.
            qp.FailReceive(CompletionStatus.RemoteInvalidRequest);
            isClosed = true;
            answers.Nak(Aeth.Ack(Msn), expected - 1, closes: true);
            return false;
        }
        var flags = info.HasImmediate ? CompletionFlags.WithImmediate : info.HasInvalidate ? CompletionFlags.WithInvalidate : CompletionFlags.None;
        var word = info.HasImmediate ? packet.Immediate.Value : info.HasInvalidate ? packet.Invalidate.RKey.Value : 0;
        qp.CompleteReceive(CompletionOpcode.Receive, qp.Buffer.Filled, flags, word, packet.Solicited);
        return true;
    }

    private void OnWrite(in TransportPacket packet, PacketFault fault)
    {
        var info = packet.Info;
        if (info.StartsMessage && (qp.RemoteAccess & AccessFlags.RemoteWrite) == 0)
        {
            RefuseRequest();
            return;
        }
        if (info.TakesReceive && !qp.HasReceive)
        {
            NotReady();
            return;
        }
        if (info.StartsMessage) write = new(packet.Reth);
        var payload = packet.PayloadLength;
        if (fault != PacketFault.None || !HasRightLength(info, payload) || !write.Admits(payload, info.EndsMessage))
        {
            RefuseRequest();
            return;
        }
        if (!write.TryStore(qp, packet.Payload, checkAll: info.StartsMessage))
        {
            RefuseAccess();
            return;
        }
        open = info.EndsMessage ? Open.Nothing : Open.Write;
        expected = expected.Next;
        if (info.EndsMessage)
        {
            Msn = (Msn + 1) & Psn.Mask;
            if (info.HasImmediate)
            {
                qp.TryTakeReceive();
                qp.CompleteReceive(CompletionOpcode.ReceiveRdmaWithImmediate, write.Total,
                    CompletionFlags.WithImmediate, packet.Immediate.Value, packet.Solicited);
            }
        }
        if (packet.AckRequest) answers.OweAck();
    }

    private void OnRead(in TransportPacket packet, PacketFault fault)
    {
        var reth = packet.Reth;
        if ((qp.RemoteAccess & AccessFlags.RemoteRead) == 0 || !answers.HasRoom || fault != PacketFault.None || reth.DmaLength > Segmentation.MaxMessage)
            RefuseRequest();
        else if (reth.DmaLength != 0 && !qp.Hca.Memory.TryRemote(reth.RKey, qp, reth.VirtualAddress, reth.DmaLength, AccessFlags.RemoteRead, out _, out _))
            RefuseAccess();
        else
        {
            var first = expected;
            expected += Segmentation.PacketCount(reth.DmaLength, qp.MtuShift);
            Msn = (Msn + 1) & Psn.Mask;
            answers.AddRead(first, expected, reth);
        }
    }

    private void OnAtomic(in TransportPacket packet, PacketFault fault)
    {
        var request = packet.AtomicEth;
        if ((qp.RemoteAccess & AccessFlags.RemoteAtomic) == 0 || !answers.HasRoom || fault != PacketFault.None || (request.VirtualAddress & 7) != 0)
        {
            RefuseRequest();
            return;
        }
        if (!qp.Hca.Memory.TryRemote(request.RKey, qp, request.VirtualAddress, 8, AccessFlags.RemoteAtomic, out var region, out var offset))
        {
            RefuseAccess();
            return;
        }
        Span<byte> bytes = stackalloc byte[8];
        region.CopyTo(offset, bytes);
        var original = BinaryPrimitives.ReadUInt64LittleEndian(bytes); // memory has the host's byte order
        var swaps = packet.Opcode == BthOpcode.RcCompareSwap;
        if (!swaps || original == request.Compare)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, swaps ? request.SwapOrAdd : original + request.SwapOrAdd);
            region.CopyFrom(offset, bytes);
        }
        var psn = expected;
        expected = expected.Next;
        Msn = (Msn + 1) & Psn.Mask;
        answers.AddAtomic(psn, original);
    }

    /// <summary>A READ could not go on: the memory was taken away under it.</summary>
    public void OnReadFailed(Psn psn)
    {
        qp.Raise(AsyncEventType.QpAccessError);
        isClosed = true;
        answers.Nak(Aeth.Nak(NakCode.RemoteAccessError, Msn), psn, closes: true);
    }

    /// <summary>First and Middle carry one MTU, Last 1..MTU, Only 0..MTU. IBA Vol 1 §9.7.4.1.6.</summary>
    private bool HasRightLength(OpcodeInfo info, int payload) =>
        info.EndsMessage ? payload <= qp.Mtu && (payload > 0 || info.StartsMessage) : payload == qp.Mtu;

    /// <summary>No receive is posted: the sender is to wait and come again. IBA Vol 1 §9.7.5.2.8.</summary>
    private void NotReady()
    {
        hasNaked = true; // what follows in flight is not a gap of its own
        qp.Hca.Counters.RnrNaksSent++;
        answers.Nak(Aeth.RnrNak(qp.Attributes.MinRnrTimer, Msn), expected, closes: false);
    }

    private void RefuseRequest() => Refuse(NakCode.InvalidRequest, CompletionStatus.RemoteInvalidRequest, AsyncEventType.QpRequestError);
    private void RefuseAccess() => Refuse(NakCode.RemoteAccessError, CompletionStatus.LocalAccessError, AsyncEventType.QpAccessError);

    /// <summary>
    /// A fatal NAK, after the answers that are due before it; then ERROR. The receive in progress tells the consumer, and without
    /// one an event does. IBA Vol 1 §9.9.3.1, §11.6.3.
    /// </summary>
    private void Refuse(NakCode code, CompletionStatus status, AsyncEventType asyncEvent)
    {
        if (qp.Buffer.IsTaken) qp.FailReceive(status);
        else qp.Raise(asyncEvent);
        isClosed = true;
        answers.Nak(Aeth.Nak(code, Msn), expected, closes: true);
    }
}
