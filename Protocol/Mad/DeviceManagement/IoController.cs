namespace Weft.Protocol.Mad.DeviceManagement;

/// <summary>A controller with its services.</summary>
public sealed record IoController(IoControllerProfile Profile, IReadOnlyList<ServiceEntry> Services);
