namespace Weft.Protocol.Mad.DeviceManagement;

/// <summary>Attributes of device management. IBA Vol 1 §16.3.3.</summary>
public enum DeviceManagementAttribute : ushort
{
    ClassPortInfo = 0x0001,
    IoUnitInfo = 0x0010,
    IoControllerProfile = 0x0011,
    ServiceEntries = 0x0012,
}
