using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>Attributes that only switches have. IBA Vol 1 §14.2.5.4, §14.2.5.10, §14.2.5.12.</summary>
internal static class SwitchAgent
{
    public static ushort Info(SubnetNode node, Span<byte> data, bool isSet)
    {
        if (node.Forwarding is not { } forwarding) return MadStatus.UnsupportedAttribute;
        ref var info = ref forwarding.Info;
        if (isSet)
        {
            SwitchInfo.TryRead(data, out var asked);
            if (asked.LinearFdbTop >= info.LinearFdbCap) return MadStatus.InvalidField;
            info.LinearFdbTop = asked.LinearFdbTop;
            (info.DefaultPort, info.DefaultMulticastPrimaryPort) = (asked.DefaultPort, asked.DefaultMulticastPrimaryPort);
            (info.DefaultMulticastNotPrimaryPort, info.LifeTimeValue) = (asked.DefaultMulticastNotPrimaryPort, asked.LifeTimeValue);
            if (asked.PortStateChange) info.PortStateChange = false; // one writes 1 to clear it
            info.MulticastFdbTop = asked.MulticastFdbTop;
        }
        info.Write(data);
        return MadStatus.Ok;
    }

    public static ushort Linear(SubnetNode node, SmpMad mad, bool isSet)
    {
        if (node.Forwarding is not { } forwarding) return MadStatus.UnsupportedAttribute;
        if (mad.Modifier >= (uint)forwarding.Info.LinearFdbCap / SmpTables.LidsPerBlock) return MadStatus.InvalidField;
        var block = (int)mad.Modifier;
        if (isSet) forwarding.WriteLinearBlock(block, mad.Data);
        forwarding.ReadLinearBlock(block, mad.Data);
        return MadStatus.Ok;
    }

    public static ushort Multicast(SubnetNode node, SmpMad mad, bool isSet)
    {
        if (node.Forwarding is not { } forwarding) return MadStatus.UnsupportedAttribute;
        var (block, position) = ((int)(mad.Modifier & 0x1FF), (int)(mad.Modifier >> 28));
        if (block >= forwarding.Info.MulticastFdbCap / SmpTables.MulticastLidsPerBlock || position > node.PortCount / SmpTables.PortsPerPosition)
            return MadStatus.InvalidField;
        if (isSet) forwarding.WriteMulticastBlock(block, position, mad.Data);
        forwarding.ReadMulticastBlock(block, position, mad.Data);
        return MadStatus.Ok;
    }
}
