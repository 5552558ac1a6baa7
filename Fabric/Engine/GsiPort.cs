using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Engine;

/// <summary>QP1 of a port. Datagrams with the well-known Q_Key and any P_Key of the port go to the agent of their class. IBA Vol 1 §10.2.4.5, §13.5.</summary>
internal sealed class GsiPort(IPacketPort port, EngineCounters counters) : IMadPort
{
    private const int MadLength = 256;
    private const byte ResponseBit = 0x80;
    private readonly IMadAgent?[] agents = new IMadAgent?[256];
    private readonly IMadAgent?[] clients = new IMadAgent?[256];
    private Psn psn;

    public byte PortNumber => port.Number;

    public void Register(byte managementClass, IMadAgent agent) => agents[managementClass] = agent;
    public void RegisterClient(byte managementClass, IMadAgent client) => clients[managementClass] = clients[managementClass] is { } other ? new Both(other, client) : client;

    public void Send(in AddressVector path, Qpn destination, ReadOnlySpan<byte> mad)
    {
        if (mad.Length != MadLength) throw new ArgumentException($"a MAD has {MadLength} bytes, not {mad.Length}", nameof(mad));
        var frame = port.Rent();
        var target = frame.Buffer.AsSpan(Frame.TransportOffset);
        var header = TransportBuilder.Datagram(target, BthOpcode.UdSendOnly, port.PKeyAt(path.PKeyIndex), destination, psn, ackRequest: false, solicited: false, new(QKey.Gsi, Qpn.Gsi));
        psn = psn.Next;
        mad.CopyTo(target[header..]);
        frame.End = Frame.TransportOffset + TransportBuilder.Finish(target, header, MadLength);
        counters.PacketsSent++;
        port.Send(frame, in path, port.FlowOf(in path, Qpn.Gsi, destination));
    }

    public void Receive(in TransportPacket packet, in PacketSource source)
    {
        if (packet.Service != TransportService.UnreliableDatagram || packet.PayloadLength != MadLength)
        {
            counters.DroppedByHeader++;
            return;
        }
        var deth = packet.Deth;
        if (deth.QKey != QKey.Gsi)
        {
            counters.DroppedByQKey++;
            return;
        }
        var index = IndexOf(packet.PKey);
        if (index < 0)
        {
            counters.DroppedByPKey++;
            port.ReportBadPKey(packet, source);
            return;
        }
        var mad = packet.Payload;
        var agent = (mad[3] & ResponseBit) != 0 ? clients[mad[1]] ?? agents[mad[1]] : agents[mad[1]];
        agent?.OnMad(this, UdReceiver.PathBack(port, source) with { PKeyIndex = (ushort)index }, deth.SourceQp, mad);
    }

    /// <summary>Two clients of a class: each knows its own answers by their transaction.</summary>
    private sealed class Both(IMadAgent first, IMadAgent second) : IMadAgent
    {
        public void OnMad(IMadPort port, in AddressVector reply, Qpn sourceQpn, ReadOnlySpan<byte> mad)
        {
            first.OnMad(port, reply, sourceQpn, mad);
            second.OnMad(port, reply, sourceQpn, mad);
        }
    }

    /// <summary>The first key of the port's table that may talk to one, or -1.</summary>
    private int IndexOf(PKey pkey)
    {
        for (var i = 0; i < port.PKeyTableLength; i++)
            if (port.PKeyAt(i).Matches(pkey)) return i;
        return -1;
    }
}
