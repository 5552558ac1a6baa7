using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>
/// Subnet management interface of a node: decides where a directed packet goes, and moves its hop pointer and return path on. Knows
/// nothing of links; whoever carries the packet loses it when the link of the port is down. IBA Vol 1 §14.2.2.
/// </summary>
public static class Smi
{
    /// <summary>Takes a directed packet that came in, or that the node's own manager or agent sends.</summary>
    /// <param name="node">The node that has the packet.</param>
    /// <param name="inPort">Port it came in by; of a packet that starts here, the port it is sent from.</param>
    /// <param name="mad">The packet; changed in place.</param>
    /// <param name="outPort">Port to leave by, when the verdict is <see cref="SmiVerdict.Forward"/>.</param>
    public static SmiVerdict Handle(SubnetNode node, byte inPort, SmpMad mad, out byte outPort)
    {
        outPort = 0;
        if (mad.HopCount > SmpMad.MaxHops) return SmiVerdict.Discard;
        return mad.IsReturning ? Return(node, mad, ref outPort) : Advance(node, inPort, mad, ref outPort);
    }

    /// <summary>Turns a packet that its agent has answered round. Its way back begins with <see cref="Handle"/> at this node.</summary>
    public static void TurnRound(SmpMad mad)
    {
        mad.IsReturning = true;
        mad.HopPointer = (byte)(mad.HopCount + 1);
    }

    private static SmiVerdict Advance(SubnetNode node, byte inPort, SmpMad mad, ref byte outPort)
    {
        var (pointer, count) = (mad.HopPointer, mad.HopCount);
        if (pointer == count + 1) return SmiVerdict.Local; // behind its directed part: C14-9
        if (pointer > count) return SmiVerdict.Discard;
        if (pointer == count)
        {
            if (count != 0) mad.ReturnPath[pointer] = inPort;
            mad.HopPointer++;
            return mad.DirectedDestination == Lid.Permissive ? SmiVerdict.Local : node.IsSwitch || count == 0 ? SmiVerdict.RouteByLid : SmiVerdict.Discard;
        }
        if (pointer == 0)
        {
            mad.HopPointer = 1; // it starts here; a CA or router can only send by the port that it is sent from
            return Leave(node, mad.InitialPath[1], !node.IsSwitch && mad.InitialPath[1] != inPort, ref outPort);
        }
        if (!node.IsSwitch) return SmiVerdict.Discard; // only switches pass packets on
        mad.ReturnPath[pointer] = inPort;
        mad.HopPointer++;
        return Leave(node, mad.InitialPath[pointer + 1], false, ref outPort);
    }

    private static SmiVerdict Return(SubnetNode node, SmpMad mad, ref byte outPort)
    {
        var (pointer, count) = (mad.HopPointer, mad.HopCount);
        if (pointer == 0) return SmiVerdict.Local; // before its directed part: C14-13
        if (pointer > count + 1) return SmiVerdict.Discard;
        mad.HopPointer--;
        if (pointer == 1) return mad.DirectedSource == Lid.Permissive ? SmiVerdict.Local : SmiVerdict.RouteByLid;
        if (pointer <= count && !node.IsSwitch) return SmiVerdict.Discard;
        return Leave(node, mad.ReturnPath[pointer - 1], false, ref outPort);
    }

    private static SmiVerdict Leave(SubnetNode node, byte port, bool isForeign, ref byte outPort)
    {
        if (isForeign || port == 0 || node.Find(port) is null) return SmiVerdict.Discard;
        outPort = port;
        return SmiVerdict.Forward;
    }
}
