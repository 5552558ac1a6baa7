using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>Get and Set of PortInfo. A Set is checked whole before anything of it takes effect. IBA Vol 1 §14.2.5.6.</summary>
internal static class PortInfoAgent
{
    public static ushort Serve(SubnetPort arrival, SmpMad mad, bool isSet)
    {
        var port = Asked(arrival, mad.Modifier);
        if (port is null) return MadStatus.InvalidField;
        var reregisters = false;
        if (isSet)
        {
            if (port != arrival && !arrival.Node.IsSwitch) return MadStatus.InvalidField; // each port of a CA has an agent of its own
            PortInfo.TryRead(mad.Data, out var asked);
            if (!IsAcceptable(port, asked)) return MadStatus.InvalidField;
            reregisters = asked.ClientReregister && (port.Info.Capabilities & PortCapabilities.ClientReregistration) != 0;
            Apply(port, asked);
        }
        var info = port.Info;
        info.LocalPortNum = arrival.Number;
        info.ClientReregister = reregisters; // told once, not kept
        info.Write(mad.Data);
        return MadStatus.Ok;
    }

    private static SubnetPort? Asked(SubnetPort arrival, uint modifier)
    {
        var number = (int)(modifier & 0xFF);
        return number == 0 && !arrival.Node.IsSwitch ? arrival : arrival.Node.Find(number);
    }

    private static bool IsAcceptable(SubnetPort port, in PortInfo asked)
    {
        ref var info = ref port.Info;
        if (asked.OperationalVls > info.VlCap || asked.NeighborMtu > info.MtuCap && asked.NeighborMtu != info.NeighborMtu) return false;
        if (port.IsEndPort && asked.Lid != info.Lid && (asked.Lid == Lid.None || asked.Lid.Value >= ForwardingTables.FirstMulticastLid)) return false;
        return MayEnter(port, asked.State) && (asked.PhysicalState <= PortPhysicalState.Disabled || asked.PhysicalState == info.PhysicalState);
    }

    /// <summary>A port goes up one step at a time, and a step early when its peer, which moves on too, has got there.</summary>
    private static bool MayEnter(SubnetPort port, PortState asked) => asked switch
    {
        PortState.NoChange or PortState.Down => true,
        PortState.Armed => port.State is PortState.Initialize or PortState.Armed or PortState.Active,
        PortState.Active => port.State is PortState.Armed or PortState.Active || (port.State == PortState.Initialize && port.Peer?.State == PortState.Active),
        _ => asked == port.State && port.State != PortState.Down,
    };

    private static void Apply(SubnetPort port, in PortInfo asked)
    {
        ref var info = ref port.Info;
        if (port.IsEndPort)
        {
            (info.MKey, info.GidPrefix, info.Lid, info.MasterSmLid) = (asked.MKey, asked.GidPrefix, asked.Lid, asked.MasterSmLid);
            (info.MKeyLeasePeriod, info.MKeyProtection, info.Lmc, info.MasterSmSl) = (asked.MKeyLeasePeriod, asked.MKeyProtection, asked.Lmc, asked.MasterSmSl);
            (info.SubnetTimeout, info.MulticastPKeyTrapSuppression, info.InitType) = (asked.SubnetTimeout, asked.MulticastPKeyTrapSuppression, asked.InitType);
            if (asked.MKeyViolations == 0) info.MKeyViolations = 0;
            if (asked.PKeyViolations == 0) info.PKeyViolations = 0;
            if (asked.QKeyViolations == 0) info.QKeyViolations = 0;
        }
        (info.VlHighLimit, info.VlStallCount, info.HoqLife) = (asked.VlHighLimit, asked.VlStallCount, asked.HoqLife);
        (info.PartitionEnforcementInbound, info.PartitionEnforcementOutbound) = (asked.PartitionEnforcementInbound, asked.PartitionEnforcementOutbound);
        (info.FilterRawInbound, info.FilterRawOutbound) = (asked.FilterRawInbound, asked.FilterRawOutbound);
        (info.LocalPhyErrors, info.OverrunErrors) = (asked.LocalPhyErrors, asked.OverrunErrors);
        if (asked.NeighborMtu != 0) info.NeighborMtu = asked.NeighborMtu;
        if (asked.OperationalVls != 0) info.OperationalVls = asked.OperationalVls;
        if (asked.LinkDownDefaultState != 0) info.LinkDownDefaultState = asked.LinkDownDefaultState;
        info.LinkWidthEnabled = Enabled(asked.LinkWidthEnabled, info.LinkWidthEnabled, info.LinkWidthSupported, all: 0xFF);
        info.LinkSpeedEnabled = Enabled(asked.LinkSpeedEnabled, info.LinkSpeedEnabled, info.LinkSpeedSupported, all: 0x0F);
        info.LinkSpeedExtEnabled = Enabled(asked.LinkSpeedExtEnabled, info.LinkSpeedExtEnabled, info.LinkSpeedExtSupported, all: 0x1F);
        Move(port, asked);
    }

    /// <summary>0 leaves a set of enabled bits alone, all ones enables what is supported.</summary>
    private static byte Enabled(byte asked, byte current, byte supported, byte all) =>
        asked == 0 ? current : asked == all ? supported : (byte)(asked & supported) is var usable && usable != 0 ? usable : current;

    private static void Move(SubnetPort port, in PortInfo asked)
    {
        if (port.Number == 0 && port.Node.IsSwitch) return; // it has no link
        if (asked.PhysicalState is > PortPhysicalState.NoChange and <= PortPhysicalState.Disabled) Links.SetPhysical(port, asked.PhysicalState);
        else if (asked.State == PortState.Down) Links.Bounce(port);
        else if (asked.State != PortState.NoChange && asked.State > port.State) Links.Enter(port, asked.State);
    }
}
