namespace Weft.Protocol.Mad;

/// <summary>Management class of a MAD. IBA Vol 1 §13.4.4.</summary>
public enum MadClass : byte
{
    None = 0,
    SubnetLidRouted = 0x01,
    SubnetAdministration = 0x03,
    Performance = 0x04,
    Baseboard = 0x05,
    DeviceManagement = 0x06,
    CommunicationManagement = 0x07,
    Snmp = 0x08,
    Vendor9 = 0x09,
    DeviceAdministration = 0x10,
    BootManagement = 0x11,
    Bis = 0x12,
    CongestionControl = 0x21,
    SubnetDirectedRoute = 0x81,
}
