using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Nodes;

// Management of the switch itself: SMPs that pass or end here, datagrams to QP1 of port 0, traps.
public sealed partial class IbSwitchNode
{
    private readonly TrapSender traps;

    /// <summary>A subnet management packet came in: on along its directed route or by LID, or to the agent.</summary>
    private void OnManagement(IbSwitchPort from, Frame frame, IbFrame parts)
    {
        var span = frame.Span;
        Lrh.TryRead(span, out var lrh);
        if (!SmpPacket.TryRead(span, parts, out var arrived) || !parts.IsIcrcCorrect(span))
        {
            from.Link.Peer.Direction.Drop(frame, DropReason.NotForwarded);
            return;
        }
        if (lrh.Destination != Lid.Permissive && !Model[0].Owns(lrh.Destination))
        {
            ForwardManagement(from, frame, lrh.Destination);
            return;
        }
        Span<byte> mad = stackalloc byte[SmpMad.Length];
        arrived.CopyTo(mad);
        frame.Release();
        if (new SmpMad(mad).IsDirected) Handle(from.Number, mad, lrh.Source);
        else Serve(from.Number, mad, lrh.Source);
    }

    /// <summary>A packet of a directed route, at this hop.</summary>
    private void Handle(byte inPort, Span<byte> mad, Lid source)
    {
        var smp = new SmpMad(mad);
        switch (Smi.Handle(Model, inPort, smp, out var outPort))
        {
            case SmiVerdict.Local:
                Serve(inPort, mad, source);
                break;
            case SmiVerdict.Forward:
                Emit(outPort, Lid.Permissive, Lid.Permissive, mad);
                break;
            case SmiVerdict.RouteByLid:
                SendManagement(smp.IsReturning ? smp.DirectedSource : smp.DirectedDestination, mad);
                break;
        }
    }

    private void Serve(byte inPort, Span<byte> mad, Lid source)
    {
        var smp = new SmpMad(mad);
        switch (SmaAgent.Handle(Model[inPort], smp, source, Node.World.EventTime))
        {
            case AgentAction.Answer:
                if (smp.IsDirected) Handle(inPort, mad, source);
                else SendManagement(source, mad);
                break;
            case AgentAction.Deliver:
                if (smp.Method == MadMethod.TrapRepress) traps.OnRepress(smp.TransactionId);
                break;
        }
    }

    /// <summary>A manager wrote something: what is kept at hand follows, and what depended on the tables does too.</summary>
    internal void Refresh()
    {
        Node.World.Touch(tableResource, isWrite: true);
        foreach (var port in ports) port?.Refresh();
    }

    private void SendManagement(Lid destination, ReadOnlySpan<byte> mad)
    {
        if (Model.Forwarding!.PortOf(destination) is var number && number > 0 && number < ports.Length) Emit(number, Model[0].Lid, destination, mad);
    }

    private void Emit(byte number, Lid source, Lid destination, ReadOnlySpan<byte> mad)
    {
        if (ports[number] is not { } port || !port.Link.IsUp) return;
        var frame = Node.World.Frames.Rent();
        SmpPacket.Write(frame, source, destination, 0, mad);
        port.Link.Direction.Send(frame, options.ForwardingDelay.Nanoseconds);
    }

    private void ForwardManagement(IbSwitchPort from, Frame frame, Lid destination)
    {
        var number = Model.Forwarding!.PortOf(destination);
        if (number == 0 || number >= ports.Length || ports[number] is not { } to || !to.Link.IsUp)
        {
            from.Model.Counters.RcvSwitchRelayErrors++;
            from.Link.Peer.Direction.Drop(frame, DropReason.NotForwarded);
        }
        else to.Link.Direction.Send(frame, options.ForwardingDelay.Nanoseconds);
    }

    /// <summary>A datagram for port 0: its performance agent answers, everything else has no taker.</summary>
    private void OnOwn(IbSwitchPort from, Frame frame, IbFrame parts, BufferHold? hold)
    {
        var span = frame.Span;
        if (parts.IsIcrcCorrect(span) && TransportPacket.TryParse(parts.Transport(span), out var packet) == PacketFault.None
            && packet.DestQp == Qpn.Gsi && packet.Info.HasDeth && packet.Deth.QKey == QKey.Gsi && packet.PayloadLength == SmpMad.Length
            && Model[0].PKeys.Admits(packet.PKey))
        {
            Span<byte> mad = stackalloc byte[SmpMad.Length];
            packet.Payload.CopyTo(mad);
            Lrh.TryRead(span, out var lrh);
            if ((MadClass)mad[1] == MadClass.Performance && PerformanceAgent.Handle(Model[0], mad) == AgentAction.Answer)
                Answer(from, lrh, packet.PKey, packet.Deth.SourceQp, mad);
        }
        frame.Release();
        hold?.Release(Node.World.EventTime.Nanoseconds);
    }

    private void Answer(IbSwitchPort to, in Lrh request, PKey pkey, Qpn destination, ReadOnlySpan<byte> mad)
    {
        var frame = Node.World.Frames.Rent();
        var transport = frame.Buffer.AsSpan(Frame.TransportOffset);
        var header = TransportBuilder.Datagram(transport, BthOpcode.UdSendOnly, pkey, destination, default, ackRequest: false, solicited: false, new(QKey.Gsi, Qpn.Gsi));
        mad.CopyTo(transport[header..]);
        frame.End = Frame.TransportOffset + TransportBuilder.Finish(transport, header, mad.Length);
        var lane = to.LaneOf(0, request.ServiceLevel);
        frame.Start = new IbEnvelope(lane, request.ServiceLevel, request.Destination, request.Source).Wrap(frame.Buffer, Frame.TransportOffset, frame.End);
        frame.End += Icrc.Length + Protocol.Checksums.Vcrc.Length;
        if (to.IsActive && lane != VirtualLanes.Management) to.Link.Direction.Send(frame, options.ForwardingDelay.Nanoseconds);
        else frame.Release();
    }

    /// <summary>Port 0 has something to tell its manager.</summary>
    internal void Raise(in Notice notice) => traps.Raise(notice);
}
