using Weft.Protocol.Mad.DeviceManagement;

namespace Weft.Fabric.Engine.Management;

/// <summary>A port with device management, and what it answered.</summary>
public sealed record DiscoveredPort(Lid Lid, Gid Gid, DeviceManagementQuery Query);
