namespace Weft.Protocol.Mad.Smp;

/// <summary>Attributes of subnet management. IBA Vol 1 §14.2.5.</summary>
public enum SmpAttribute : ushort
{
    None = 0,
    Notice = 0x0002,
    NodeDescription = 0x0010,
    NodeInfo = 0x0011,
    SwitchInfo = 0x0012,
    GuidInfo = 0x0014,
    PortInfo = 0x0015,
    PKeyTable = 0x0016,
    SlToVlMappingTable = 0x0017,
    VlArbitrationTable = 0x0018,
    LinearForwardingTable = 0x0019,
    RandomForwardingTable = 0x001A,
    MulticastForwardingTable = 0x001B,
    SmInfo = 0x0020,
    VendorDiag = 0x0030,
    LedInfo = 0x0031,
}
