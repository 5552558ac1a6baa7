namespace Weft.Protocol.Mad.Smp;

/// <summary>PortInfo:CapabilityMask. IBA Vol 1 §14.2.5.6.</summary>
[Flags]
public enum PortCapabilities : uint
{
    None = 0,
    /// <summary>A subnet manager runs on this port.</summary>
    IsSm = 1 << 1,
    Notice = 1 << 2,
    Trap = 1 << 3,
    OptionalIpd = 1 << 4,
    AutomaticMigration = 1 << 5,
    SlMapping = 1 << 6,
    MKeyNvram = 1 << 7,
    PKeyNvram = 1 << 8,
    LedInfo = 1 << 9,
    SmDisabled = 1 << 10,
    SystemImageGuid = 1 << 11,
    PKeySwitchExternalPortTrap = 1 << 12,
    ExtendedSpeeds = 1 << 14,
    CapabilityMask2 = 1 << 15,
    CommunicationManagement = 1 << 16,
    SnmpTunneling = 1 << 17,
    Reinit = 1 << 18,
    /// <summary>What SRP discovery looks for.</summary>
    DeviceManagement = 1 << 19,
    VendorClass = 1 << 20,
    DirectedRouteNotice = 1 << 21,
    CapabilityMaskNotice = 1 << 22,
    BootManagement = 1 << 23,
    LinkRoundTripLatency = 1 << 24,
    ClientReregistration = 1 << 25,
}
