using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Engine.Pairs;

// Packets in: validation that does not depend on the PSN. IBA Vol 1 §9.6.1.
internal sealed partial class QueuePair
{
    private bool establishmentReported;

    /// <summary>A packet whose BTH names this QP.</summary>
    public void Receive(IPacketPort port, Frame frame, in TransportPacket packet, PacketFault fault, in PacketSource source)
    {
        if (State is QpState.Reset or QpState.Init or QpState.Error || port != Port)
        {
            Hca.Counters.DroppedByState++;
            return;
        }
        if (!packet.PKey.Matches(PKey))
        {
            Hca.Counters.DroppedByPKey++;
            port.ReportBadPKey(packet, source);
            return;
        }
        if (packet.Service != ServiceOf(Type))
        {
            Hca.Counters.DroppedByHeader++;
            return;
        }
        if (Type == QpType.UnreliableDatagram)
        {
            if (fault == PacketFault.None) UdReceiver.Receive(this, frame, packet, source);
            return;
        }
        if (!source.IsFrom(attributes.AddressVector))
        {
            Hca.Counters.DroppedByAddress++;
            return;
        }
        if (Type == QpType.UnreliableConnected)
        {
            if (UcReceiver!.Receive(packet, fault)) ReportEstablished();
        }
        else if (packet.Info.IsResponse)
        {
            if (fault == PacketFault.None) Requester!.OnAnswer(packet);
        }
        else
        {
            ReportEstablished();
            Responder!.OnRequest(packet, fault);
        }
    }

    /// <summary>A request packet whose opcode is reserved: the responder still refuses it in order. IBA Vol 1 §9.7.4.1.2.</summary>
    public void ReceiveUnknown(IPacketPort port, in Bth bth, in PacketSource source)
    {
        if (Type != QpType.ReliableConnected || State is QpState.Reset or QpState.Init or QpState.Error || port != Port || !bth.PKey.Matches(PKey)) return;
        if ((byte)bth.Opcode >> 5 != (byte)TransportService.ReliableConnection) return;
        if (!source.IsFrom(attributes.AddressVector)) return;
        Responder!.OnUnknownRequest(bth.Psn);
    }

    private void ReportEstablished()
    {
        if (establishmentReported || (State != QpState.ReadyToReceive && !IsAwaitingEstablishment)) return;
        establishmentReported = true;
        IsAwaitingEstablishment = false;
        Raise(AsyncEventType.CommunicationEstablished);
    }

    private static TransportService ServiceOf(QpType type) => type switch
    {
        QpType.ReliableConnected => TransportService.ReliableConnection,
        QpType.UnreliableConnected => TransportService.UnreliableConnection,
        _ => TransportService.UnreliableDatagram,
    };
}
