using Weft.Fabric.Verbs;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>
/// The receiving half of a UC QP: a message with a gap or a fault is dropped without a word, and the next First or Only begins
/// anew. A receive that a broken message had taken is used again. IBA Vol 1 §9.8.2.2.
/// </summary>
internal sealed class UcReceiver(QueuePair qp)
{
    private enum Open : byte { Nothing, Send, Write }

    private Open open;
    private WriteProgress write;

    public Psn ExpectedPsn { get; private set; }

    public void Start(Psn psn) => (ExpectedPsn, open) = (psn, Open.Nothing);

    /// <summary>Whether the packet was taken.</summary>
    public bool Receive(in TransportPacket packet, PacketFault fault)
    {
        var info = packet.Info;
        var inOrder = packet.Psn == ExpectedPsn;
        if (!inOrder || info.StartsMessage) open = Open.Nothing;
        if (!info.StartsMessage && open != (info.IsSend ? Open.Send : Open.Write)) return Drop(packet, inOrder);
        ExpectedPsn = packet.Psn.Next;
        var taken = fault == PacketFault.None && (info.IsSend ? OnSend(packet) : OnWrite(packet));
        open = !taken || info.EndsMessage ? Open.Nothing : info.IsSend ? Open.Send : Open.Write;
        if (!taken) qp.Hca.Counters.DroppedByHeader++;
        return taken;
    }

    private bool Drop(in TransportPacket packet, bool inOrder)
    {
        if (inOrder) ExpectedPsn = packet.Psn.Next;
        qp.Hca.Counters.DroppedByHeader++;
        return false;
    }

    private bool OnSend(in TransportPacket packet)
    {
        var info = packet.Info;
        if (info.StartsMessage)
        {
            if (qp.Buffer.IsTaken) qp.Buffer.Rewind();
            else if (!qp.TryTakeReceive())
            {
                qp.Hca.Counters.DroppedByNoReceive++;
                return false;
            }
        }
        if (!HasRightLength(info, packet.PayloadLength)) return false;
        if (!qp.Buffer.HasRoomFor(packet.PayloadLength)) return FailShared(CompletionStatus.LocalLengthError);
        if (!qp.Store(packet.Payload)) return FailShared(CompletionStatus.LocalProtectionError);
        if (info.EndsMessage)
        {
            qp.CompleteReceive(CompletionOpcode.Receive, qp.Buffer.Filled,
                info.HasImmediate ? CompletionFlags.WithImmediate : CompletionFlags.None, info.HasImmediate ? packet.Immediate.Value : 0, packet.Solicited);
        }
        return true;
    }

    private bool OnWrite(in TransportPacket packet)
    {
        var info = packet.Info;
        if (info.StartsMessage)
        {
            if ((qp.RemoteAccess & AccessFlags.RemoteWrite) == 0) return false;
            write = new(packet.Reth);
        }
        if (!HasRightLength(info, packet.PayloadLength) || !write.Admits(packet.PayloadLength, info.EndsMessage)) return false;
        if (info.TakesReceive && !qp.Buffer.IsTaken && !qp.HasReceive)
        {
            qp.Hca.Counters.DroppedByNoReceive++;
            return false;
        }
        if (!write.TryStore(qp, packet.Payload, checkAll: info.StartsMessage)) return false;
        if (info.EndsMessage && info.HasImmediate)
        {
            if (!qp.Buffer.IsTaken) qp.TryTakeReceive();
            qp.CompleteReceive(CompletionOpcode.ReceiveRdmaWithImmediate, write.Total,
                CompletionFlags.WithImmediate, packet.Immediate.Value, packet.Solicited);
        }
        return true;
    }

    private bool HasRightLength(OpcodeInfo info, int payload) =>
        info.EndsMessage ? payload <= qp.Mtu && (payload > 0 || info.StartsMessage) : payload == qp.Mtu;

    /// <summary>A receive of an SRQ cannot be kept for the next message, so it completes with the error (class E); another is reused.</summary>
    private bool FailShared(CompletionStatus status)
    {
        if (qp.SharedReceives is not null) qp.FailReceive(status);
        return false;
    }
}
