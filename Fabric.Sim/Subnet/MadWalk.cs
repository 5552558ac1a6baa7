using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>
/// Carries a MAD through the subnet hop by hop, at once and without a world: what the management port and managers at scale use. Obeys
/// forwarding tables, link states and P_Keys, counts at every port it passes, and loses the MAD where a packet would be lost.
/// </summary>
public static class MadWalk
{
    /// <summary>Switches that a LID-routed packet may pass: forwarding loops end here, as the switch lifetime ends them.</summary>
    public const int MaxSwitches = 64;
    /// <summary>Words of a MAD on the wire: LRH 8, BTH 12, DETH 8, MAD 256, ICRC 4 bytes.</summary>
    public const int PacketWords = 72;

    /// <summary>Where a MAD of 256 bytes ends up that a program sends from <paramref name="source"/>; null: it is lost on the way.</summary>
    /// <param name="source">Port it is sent from.</param>
    /// <param name="destination">LID; permissive for one that is not LID routed.</param>
    /// <param name="mad">The MAD; a directed one gets its hop pointer and return path.</param>
    public static SubnetPort? Carry(SubnetPort source, Lid destination, Span<byte> mad)
    {
        var smp = new SmpMad(mad);
        if (smp.IsDirected) return Directed(source, destination, smp);
        return ByLid(source, destination, smp.Class == MadClass.SubnetLidRouted);
    }

    private static SubnetPort? Directed(SubnetPort source, Lid destination, SmpMad mad)
    {
        var at = source;
        // The LID-routed part in front: from a node that is not the start of the directed part.
        var isBeforePart = mad.IsReturning ? mad.HopPointer == mad.HopCount + 1 && mad.DirectedDestination != Lid.Permissive : mad.DirectedSource != Lid.Permissive;
        if (isBeforePart && destination != Lid.Permissive)
        {
            if (ByLid(source, destination, isManagement: true) is not { } end) return null;
            at = end;
        }
        while (true)
        {
            switch (Smi.Handle(at.Node, at.Number, mad, out var outPort))
            {
                case SmiVerdict.Local:
                    return at;
                case SmiVerdict.RouteByLid:
                    return ByLid(at, mad.IsReturning ? mad.DirectedSource : mad.DirectedDestination, isManagement: true);
                case SmiVerdict.Forward:
                    if (Cross(at.Node[outPort]) is not { } next) return null;
                    at = next;
                    break;
                default:
                    return null;
            }
        }
    }

    private static SubnetPort? ByLid(SubnetPort source, Lid destination, bool isManagement)
    {
        if (source.EndPort.Owns(destination) || (destination == Lid.Permissive && isManagement)) return source.EndPort;
        var at = source;
        var mustLeave = !source.Node.IsSwitch; // a CA sends to whatever its port is cabled to
        for (var switches = 0; switches <= MaxSwitches; switches++)
        {
            var exit = mustLeave ? at : Exit(at, destination);
            if (exit is null) return null;
            if (exit.Number == 0) return isManagement || AdmitsGmp(source, exit) ? exit : null;
            if (!isManagement && exit.State != PortState.Active) return Discard(exit);
            if (Cross(exit) is not { } next) return null;
            if (!isManagement && next.State is not (PortState.Active or PortState.Armed)) return null;
            at = next;
            mustLeave = false;
            if (at.Node.IsSwitch) continue;
            return at.Owns(destination) && (isManagement || AdmitsGmp(source, at)) ? at : null;
        }
        return Discard(at);
    }

    /// <summary>Port of the switch that the packet leaves by: of its table, or null when it leads nowhere.</summary>
    private static SubnetPort? Exit(SubnetPort at, Lid destination)
    {
        if (at.Node.Forwarding is not { } forwarding) return null;
        var exit = at.Node.Find(forwarding.PortOf(destination));
        if (exit is null) at.Counters.RcvSwitchRelayErrors++;
        return exit;
    }

    private static SubnetPort? Discard(SubnetPort port)
    {
        port.Counters.XmitDiscards++;
        return null;
    }

    /// <summary>To the other end of the cable; null when the link is down.</summary>
    private static SubnetPort? Cross(SubnetPort port)
    {
        if (!port.IsLinkUp || port.Peer is not { } peer) return Discard(port);
        port.Counters.CountXmit(PacketWords);
        peer.Counters.CountRcv(PacketWords);
        return peer;
    }

    /// <summary>GMPs are sent with the key at index 0; the receiver must share that partition. IBA Vol 1 §10.9.3.</summary>
    private static bool AdmitsGmp(SubnetPort source, SubnetPort destination)
    {
        var key = source.EndPort.PKeys[0];
        if (source == destination || destination.PKeys.Admits(key)) return true;
        if (destination.EndPort.Info.PKeyViolations < ushort.MaxValue) destination.EndPort.Info.PKeyViolations++;
        return false;
    }
}
