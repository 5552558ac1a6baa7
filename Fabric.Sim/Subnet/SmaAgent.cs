using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>
/// Subnet management agent of every node: answers Get and Set of the attributes from the node model, in place. Needs no world: bytes and
/// the time go in, the answer stands in the same bytes. IBA Vol 1 §14.2.
/// </summary>
public static class SmaAgent
{
    /// <summary>Takes a packet that has arrived at its node.</summary>
    /// <param name="port">Port it came in by; port 0 of a switch, or the port it was sent from, when it comes from the node itself.</param>
    /// <param name="mad">The packet; on <see cref="AgentAction.Answer"/> it has become the response, turned round when it is a directed one.</param>
    /// <param name="source">LID that sent it, for notices of wrong keys.</param>
    /// <param name="now">For the lease of the M_Key.</param>
    public static AgentAction Handle(SubnetPort port, SmpMad mad, Lid source, Instant now)
    {
        if (mad.IsResponse || mad.Method is MadMethod.Trap || mad.Attribute == SmpAttribute.SmInfo) return AgentAction.Deliver;
        if (mad.Method is not (MadMethod.Get or MadMethod.Set)) return mad.Method == MadMethod.TrapRepress ? AgentAction.Deliver : Respond(mad, MadStatus.UnsupportedMethod);
        if (mad.ClassVersion != 1) return Respond(mad, MadStatus.BadVersion);
        if (!MKeyGuard.Admits(port.EndPort, mad, source, now, out var hidesKey)) return AgentAction.Drop;
        var status = Serve(port, mad);
        if (mad.Method == MadMethod.Set && status == MadStatus.Ok) port.Node.Subnet.Observer?.OnSet(port);
        if (hidesKey && mad.Attribute == SmpAttribute.PortInfo) mad.Data[..8].Clear();
        return Respond(mad, status);
    }

    private static AgentAction Respond(SmpMad mad, ushort status)
    {
        mad.Method = MadMethod.GetResponse;
        mad.Status = status;
        if (mad.IsDirected) Smi.TurnRound(mad);
        return AgentAction.Answer;
    }

    private static ushort Serve(SubnetPort port, SmpMad mad)
    {
        var isSet = mad.Method == MadMethod.Set;
        switch (mad.Attribute)
        {
            case SmpAttribute.PortInfo: return PortInfoAgent.Serve(port, mad, isSet);
            case SmpAttribute.LinearForwardingTable: return SwitchAgent.Linear(port.Node, mad, isSet);
            case SmpAttribute.NodeInfo when !isSet: return NodeInfo(port, mad.Data);
            case SmpAttribute.NodeDescription when !isSet: return Description(port, mad.Data);
            case SmpAttribute.SwitchInfo: return SwitchAgent.Info(port.Node, mad.Data, isSet);
            case SmpAttribute.MulticastForwardingTable: return SwitchAgent.Multicast(port.Node, mad, isSet);
            case SmpAttribute.PKeyTable: return TableAgent.PKeys(port, mad, isSet);
            case SmpAttribute.GuidInfo: return TableAgent.Guids(port.EndPort, mad, isSet);
            case SmpAttribute.SlToVlMappingTable: return TableAgent.SlToVl(port, mad, isSet);
            case SmpAttribute.VlArbitrationTable: return TableAgent.Arbitration(port, mad, isSet);
            case ExtendedPortInfo:
                mad.Data.Clear(); // none of the vendor's own speeds is supported, enabled or active
                return MadStatus.Ok;
            default: return MadStatus.UnsupportedAttribute;
        }
    }

    /// <summary>A vendor's attribute that OpenSM and ibnetdiscover read from devices of these ids. A node that refuses it fills their logs.</summary>
    private const SmpAttribute ExtendedPortInfo = (SmpAttribute)0xFF90;

    private static ushort NodeInfo(SubnetPort port, Span<byte> data)
    {
        var info = port.Node.Info;
        (info.LocalPortNum, info.PortGuid) = (port.Number, port.Guid);
        info.Write(data);
        return MadStatus.Ok;
    }

    private static ushort Description(SubnetPort port, Span<byte> data)
    {
        port.Node.WriteDescription(data);
        return MadStatus.Ok;
    }
}
