using Weft.Fabric.Engine.Memory;
using Weft.Fabric.Engine.Queues;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;
using Weft.Protocol.Transport;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>
/// The sending half of UC and UD QPs: what is posted goes out and is done. A request that fails takes the QP to SQE. IBA Vol 1 §9.8.2.1, §9.8.3.1.
/// </summary>
internal sealed class UnreliableSender(QueuePair qp)
{
    private readonly SendQueue queue = qp.Sends;

    public Psn NextPsn { get; private set; }

    public void Start(Psn psn) => NextPsn = psn;

    public void Advance()
    {
        if (qp.State != QpState.ReadyToSend) return;
        while (!queue.IsEmpty)
        {
            ref var wqe = ref queue[queue.Head];
            var status = wqe.IsLocal ? LocalOperations.Run(qp, wqe.Request) : qp.Type == QpType.UnreliableDatagram ? SendDatagram(ref wqe) : SendMessage(ref wqe);
            qp.CompleteSend(ref wqe, status);
            queue.RemoveHead();
            if (status == CompletionStatus.Success) continue;
            qp.EnterSendQueueError();
            return;
        }
    }

    private bool IsAllowed(ref SendWqe wqe) =>
        wqe.IsInline || ScatterGather.IsAllowed(qp.Hca.Memory, qp.Domain, queue.SgesOf(queue.Head), AccessFlags.None);

    private bool Gather(ref SendWqe wqe, ref SgePosition at, uint offset, Span<byte> target)
    {
        if (!wqe.IsInline) return ScatterGather.Gather(qp.Hca.Memory, qp.Domain, queue.SgesOf(queue.Head), ref at, target);
        queue.InlineOf(queue.Head).Slice((int)offset, target.Length).CopyTo(target);
        return true;
    }

    /// <summary>All packets of a UC SEND or WRITE.</summary>
    private CompletionStatus SendMessage(ref SendWqe wqe)
    {
        if (!IsAllowed(ref wqe)) return CompletionStatus.LocalProtectionError;
        var count = Segmentation.PacketCount(wqe.Length, qp.MtuShift);
        var at = default(SgePosition);
        for (var index = 0u; index < count; index++)
        {
            var payload = Segmentation.PayloadLength(wqe.Length, index, qp.MtuShift);
            var frame = qp.Port.Rent();
            var target = frame.Buffer.AsSpan(Frame.TransportOffset);
            var header = RequestHeader.Write(target, qp, wqe.Request, wqe.Length, index == 0, index + 1 == count, NextPsn, ask: false, TransportService.UnreliableConnection);
            Gather(ref wqe, ref at, index << qp.MtuShift, target.Slice(header, payload));
            NextPsn = NextPsn.Next;
            qp.Transmit(frame, TransportBuilder.Finish(target, header, payload));
        }
        return CompletionStatus.Success;
    }

    /// <summary>One datagram, at most the port's MTU. IBA Vol 1 §9.8.3.1, §10.2.5 (controlled Q_Key).</summary>
    private CompletionStatus SendDatagram(ref SendWqe wqe)
    {
        if (wqe.Length > (uint)qp.Mtu) return CompletionStatus.LocalLengthError;
        if (!IsAllowed(ref wqe)) return CompletionStatus.LocalProtectionError;
        ref readonly var request = ref wqe.Request;
        if (request.AddressHandle is not AddressHandle { IsDestroyed: false } handle) return CompletionStatus.LocalQpOperationError;
        var frame = qp.Port.Rent();
        var target = frame.Buffer.AsSpan(Frame.TransportOffset);
        var opcode = request.Opcode == WorkOpcode.SendWithImmediate ? BthOpcode.UdSendOnlyImmediate : BthOpcode.UdSendOnly;
        var key = request.RemoteQKey.IsControlled ? qp.Attributes.QKey : request.RemoteQKey;
        var header = TransportBuilder.Datagram(target, opcode, qp.PKey, request.RemoteQpn, NextPsn, ackRequest: false,
            (request.Flags & SendFlags.Solicited) != 0, new(key, qp.Number), request.Immediate);
        var at = default(SgePosition);
        Gather(ref wqe, ref at, 0, target.Slice(header, (int)wqe.Length));
        NextPsn = NextPsn.Next;
        qp.TransmitTo(handle, request.RemoteQpn, frame, TransportBuilder.Finish(target, header, (int)wqe.Length));
        return CompletionStatus.Success;
    }
}
