namespace Weft.Protocol.Mad.Sa;

/// <summary>Attributes of subnet administration. IBA Vol 1 §15.2.5.</summary>
public enum SaAttribute : ushort
{
    ClassPortInfo = 0x01,
    Notice = 0x02,
    InformInfo = 0x03,
    NodeRecord = 0x11,
    PortInfoRecord = 0x12,
    SlToVlMappingRecord = 0x13,
    SwitchInfoRecord = 0x14,
    LinearForwardingTableRecord = 0x15,
    MulticastForwardingTableRecord = 0x17,
    SmInfoRecord = 0x18,
    LinkRecord = 0x20,
    GuidInfoRecord = 0x30,
    ServiceRecord = 0x31,
    PKeyTableRecord = 0x33,
    PathRecord = 0x35,
    VlArbitrationRecord = 0x36,
    McMemberRecord = 0x38,
    MultiPathRecord = 0x3A,
    InformInfoRecord = 0xF3,
}
