using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>How nodes and ports leave the factory. Sizes and capabilities are those that ibsim gives its nodes, so that tools print the same.</summary>
internal static class NodeFactory
{
    private const int CaPKeys = 64, SwitchPortPKeys = 64, SwitchPKeys = 8, CaGuids = 32;
    private const byte Mtu2048 = 4, Vl0To7 = 4;
    private const PortCapabilities Agent = PortCapabilities.Trap | PortCapabilities.SlMapping | PortCapabilities.ExtendedSpeeds | PortCapabilities.CapabilityMask2;
    private const PortCapabilities CaAgent = Agent | PortCapabilities.VendorClass | PortCapabilities.CapabilityMaskNotice;

    public static NodeInfo NodeInfo(SubnetNodeOptions options)
    {
        var isSwitch = options.Type == NodeType.Switch;
        return new()
        {
            BaseVersion = 1, ClassVersion = 1, NodeType = options.Type, NumPorts = (byte)options.PortCount, NodeGuid = options.Guid,
            SystemImageGuid = options.SystemImageGuid ?? options.Guid, PartitionCap = (ushort)(isSwitch ? SwitchPKeys : CaPKeys),
            VendorId = options.VendorId, DeviceId = options.DeviceId ?? (ushort)(isSwitch ? 0xCB20 : 0x1013), Revision = 0xA1,
        };
    }

    public static SwitchInfo SwitchInfo() => new()
    {
        LinearFdbCap = 0xC000, MulticastFdbCap = 1024, PartitionEnforcementCap = SwitchPortPKeys, PortStateChange = true,
        InboundEnforcementCap = true, OutboundEnforcementCap = true, FilterRawInboundCap = true, FilterRawOutboundCap = true,
    };

    public static Guid64 PortGuid(SubnetNodeOptions options, int number)
    {
        var isSwitch = options.Type == NodeType.Switch;
        if (options.PortGuids is { } guids && guids.TryGetValue(isSwitch ? 0 : number, out var guid)) return guid;
        return isSwitch ? options.Guid : new(options.Guid.Value + (ulong)number);
    }

    public static int PKeyCapacity(SubnetPort port) => !port.Node.IsSwitch ? CaPKeys : port.Number == 0 ? SwitchPKeys : SwitchPortPKeys;

    /// <summary>A port that is sold with a cable of some rate supports and enables that rate.</summary>
    public static void Enable(SubnetPort port, LinkRate rate)
    {
        port.Rate = rate;
        ref var info = ref port.Info;
        info.LinkWidthEnabled |= rate.WidthBit;
        if (rate.Speed <= LinkSpeed.Qdr) return;
        var extended = (byte)(1 << (int)rate.Speed - (int)LinkSpeed.Fdr);
        info.LinkSpeedExtSupported |= extended;
        info.LinkSpeedExtEnabled |= extended;
    }

    public static PortInfo PortInfo(SubnetPort port)
    {
        var isPort0 = port.Node.IsSwitch && port.Number == 0;
        var info = new PortInfo
        {
            LinkWidthSupported = 0x1F, LinkWidthEnabled = 3, LinkWidthActive = 2, LinkSpeedSupported = 7, LinkSpeedEnabled = 7, LinkSpeedActive = 1,
            LinkSpeedExtSupported = 7, LinkSpeedExtEnabled = 3, VlCap = Vl0To7, OperationalVls = Vl0To7, NeighborMtu = Mtu2048, MtuCap = Mtu2048,
            VlArbitrationHighCap = 8, VlArbitrationLowCap = 8, VlStallCount = 7, State = PortState.Down, PhysicalState = PortPhysicalState.Polling,
            LinkDownDefaultState = PortPhysicalState.Polling,
        };
        if (!port.IsEndPort) return info;
        info.Capabilities = port.Node.IsSwitch ? Agent : CaAgent;
        (info.Capabilities2, info.SubnetTimeout, info.MKeyLeasePeriod) = (0x30, 31, 0xFF9);
        info.GuidCap = (byte)(isPort0 ? 1 : CaGuids);
        if (!isPort0) return info;
        (info.State, info.PhysicalState, info.RespTimeValue, info.VlStallCount) = (PortState.Active, PortPhysicalState.LinkUp, 8, 0);
        (info.LinkWidthEnabled, info.LinkSpeedEnabled, info.LinkSpeedExtSupported, info.LinkSpeedExtEnabled) = (2, 1, 0, 0);
        (info.NeighborMtu, info.MtuCap) = (1, 3);
        return info;
    }
}
