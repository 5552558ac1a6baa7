using Weft.Protocol.Mad.DeviceManagement;

namespace Weft.Fabric.Engine.Management;

/// <summary>A port with device management, and what it answered.</summary>
/// <param name="PKey">Partition in which it was asked: a port that shares several with the one that asks is found once in each.</param>
public sealed record DiscoveredPort(Lid Lid, Gid Gid, PKey PKey, DeviceManagementQuery Query);
