using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;
using Weft.Protocol.Mad.Smp;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Fabric.Sim.Nodes;

/// <summary>
/// An InfiniBand switch: forwards by the tables that subnet management writes, each packet from its input buffer to one output port, or to
/// several for a group. Checks states, P_Keys and lengths, and moves packets to the lane of the output port. IBA Vol 1 §18.2.
/// </summary>
public sealed partial class IbSwitchNode
{
    private readonly IbSwitchOptions options;
    private readonly IbSwitchPort?[] ports;
    private readonly ulong tableResource;

    internal IbSwitchNode(IbFabric fabric, SimNode node, SubnetNode model, IbSwitchOptions options)
    {
        (Fabric, Node, Model, this.options) = (fabric, node, model, options);
        ports = new IbSwitchPort[model.PortCount + 1];
        tableResource = node.World.NewResource();
        traps = new(node, Model[0], SendManagement);
        node.OnRestarted = Reattach;
    }

    public IbFabric Fabric { get; }
    public SimNode Node { get; }
    /// <summary>What subnet management knows of it.</summary>
    public SubnetNode Model { get; }
    public string Name => Node.Name;

    internal void Plug(LinkPort link, byte number)
    {
        var port = new IbSwitchPort(this, Model[number], link);
        ports[number] = port;
        link.Management = Model[number];
        link.Attach(port);
        port.Refresh();
    }

    private void Reattach()
    {
        foreach (var port in ports) port?.Link.Attach(port);
    }

    internal void OnCable(IbSwitchPort port, bool isUp)
    {
        Node.World.Touch(tableResource, isWrite: true);
        Fabric.CableChanged(port.Model, isUp);
    }

    /// <summary>Subnet management may have changed what a port is set to.</summary>
    internal void Refresh(byte number) => ports[number]?.Refresh();

    internal void OnFrame(IbSwitchPort from, Frame frame)
    {
        var hold = from.Link.Peer.Direction.Lanes!.TakeArrived();
        var span = frame.Span;
        Node.World.Touch(tableResource, isWrite: false);
        // What the link damaged is counted where it happened.
        if (!IbFrame.IsVcrcCorrect(span) || IbFrame.TryParse(span, out var parts) != LinkFault.None) Drop(from, frame, hold);
        else if (IbFrame.LaneOf(span) == VirtualLanes.Management) OnManagement(from, frame, parts);
        else if (!from.MayReceive) Drop(from, frame, hold);
        else if (from.FiltersInbound && !Admits(from, span, parts))
        {
            from.Model.Counters.RcvConstraintErrors++;
            Drop(from, frame, hold);
        }
        else if (IbFrame.DestinationOf(span).IsMulticast) Replicate(from, frame, parts, hold);
        else Forward(from, frame, parts, hold);
    }

    private static PKey PKeyOf(ReadOnlySpan<byte> frame, IbFrame parts) => new(ReadUInt16BigEndian(frame[(parts.TransportOffset + 2)..]));

    /// <summary>Whether the port's table holds the packet's partition; a key that it does not hold is told to the manager. IBA Vol 1 §18.2.4.2.1.</summary>
    private bool Admits(IbSwitchPort port, ReadOnlySpan<byte> frame, IbFrame parts)
    {
        if (port.Model.PKeys.Passes(PKeyOf(frame, parts))) return true;
        Lrh.TryRead(frame, out var lrh);
        Model.Subnet.Observer?.OnNotice(Model[0], KeyNotices.AtSwitch(Model[0], port.Number, PKeyOf(frame, parts), lrh));
        return false;
    }

    private void Forward(IbSwitchPort from, Frame frame, IbFrame parts, BufferHold? hold)
    {
        var destination = IbFrame.DestinationOf(frame.Span);
        var number = Model.Forwarding!.PortOf(destination);
        if (number == 0) OnOwn(from, frame, parts, hold);
        else if (number >= ports.Length || ports[number] is not { } to || to == from)
        {
            from.Model.Counters.RcvSwitchRelayErrors++;
            Drop(from, frame, hold);
        }
        else Send(from, to, frame, parts, hold);
    }

    private void Replicate(IbSwitchPort from, Frame frame, IbFrame parts, BufferHold? hold)
    {
        var group = IbFrame.DestinationOf(frame.Span);
        foreach (var to in ports)
        {
            if (to is null || to == from || !Model.Forwarding!.IsMember(group, to.Number)) continue;
            frame.AddReference();
            hold?.Share();
            Send(from, to, frame, parts, hold);
        }
        hold?.Release(Node.World.EventTime.Nanoseconds);
        frame.Release();
    }

    private void Send(IbSwitchPort from, IbSwitchPort to, Frame frame, IbFrame parts, BufferHold? hold)
    {
        if (!to.IsActive || frame.Length > to.MaxLength) Discard(to, frame, hold, ref to.Model.Counters.XmitDiscards);
        else if (to.FiltersOutbound && !Admits(to, frame.Span, parts)) Discard(to, frame, hold, ref to.Model.Counters.XmitConstraintErrors);
        else if (to.LaneOf(from.Number, IbFrame.ServiceLevelOf(frame.Span)) is var lane && lane == VirtualLanes.Management)
            Discard(to, frame, hold, ref to.Model.Counters.XmitDiscards);
        else
        {
            if (lane != IbFrame.LaneOf(frame.Span)) frame = MoveTo(frame, lane);
            to.Link.Direction.Send(frame, options.ForwardingDelay.Nanoseconds, hold);
        }
    }

    private Frame MoveTo(Frame frame, byte lane)
    {
        if (frame.References > 1)
        {
            var copy = Node.World.Frames.Copy(frame);
            frame.Release();
            frame = copy;
        }
        IbFrame.SetLane(frame.Span, lane);
        return frame;
    }

    private void Discard(IbSwitchPort port, Frame frame, BufferHold? hold, ref ulong counter)
    {
        counter++;
        Drop(port, frame, hold);
    }

    private void Drop(IbSwitchPort port, Frame frame, BufferHold? hold)
    {
        port.Link.Peer.Direction.Drop(frame, DropReason.NotForwarded);
        hold?.Release(Node.World.EventTime.Nanoseconds);
    }
}
