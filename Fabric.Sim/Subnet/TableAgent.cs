using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>Tables of ports. IBA Vol 1 §14.2.5.5, §14.2.5.7 to 14.2.5.9.</summary>
internal static class TableAgent
{
    public static ushort PKeys(SubnetPort arrival, SmpMad mad, bool isSet)
    {
        var (block, number) = ((int)(mad.Modifier & 0xFFFF), (int)(mad.Modifier >> 16));
        var port = arrival.Node.IsSwitch ? arrival.Node.Find(number) : number == 0 ? arrival : null;
        if (port is null || block * SmpTables.PKeysPerBlock >= port.PKeys.Capacity) return MadStatus.InvalidField;
        if (isSet) port.PKeys.WriteBlock(block, mad.Data);
        port.PKeys.ReadBlock(block, mad.Data);
        return MadStatus.Ok;
    }

    public static ushort Guids(SubnetPort port, SmpMad mad, bool isSet)
    {
        var first = (int)Math.Min(mad.Modifier, ushort.MaxValue) * SmpTables.GuidsPerBlock;
        if (first >= port.Info.GuidCap) return MadStatus.InvalidField;
        for (var i = 0; i < SmpTables.GuidsPerBlock; i++)
        {
            if (isSet) port.SetGuid(first + i, SmpTables.Guid(mad.Data, i));
            SmpTables.SetGuid(mad.Data, i, port.GuidAt(first + i));
        }
        return MadStatus.Ok;
    }

    public static ushort SlToVl(SubnetPort arrival, SmpMad mad, bool isSet)
    {
        var (inPort, outPort) = arrival.Node.IsSwitch ? ((int)(mad.Modifier >> 8 & 0xFF), arrival.Node.Find((int)(mad.Modifier & 0xFF))) : (0, arrival);
        if (outPort is null || arrival.Node.IsSwitch && arrival.Node.Find(inPort) is null) return MadStatus.InvalidField;
        if (isSet) outPort.SetSlToVl(inPort, mad.Data);
        mad.Data.Clear();
        outPort.SlToVl(inPort).CopyTo(mad.Data);
        return MadStatus.Ok;
    }

    public static ushort Arbitration(SubnetPort arrival, SmpMad mad, bool isSet)
    {
        var (number, part) = ((int)(mad.Modifier & 0xFFFF), (int)(mad.Modifier >> 16));
        var port = arrival.Node.IsSwitch ? arrival.Node.Find(number) : arrival;
        if (port is null || part is < 1 or > 4) return MadStatus.InvalidField;
        if (isSet) port.SetArbitration(part, mad.Data);
        port.Arbitration(part).CopyTo(mad.Data);
        return MadStatus.Ok;
    }
}
