using Weft.Fabric.Verbs;
using Weft.Fabric.Engine.Ports;

namespace Weft.Fabric.Engine;

/// <summary>What a RoCE device is made with.</summary>
public sealed record RoceDeviceOptions
{
    /// <summary>Name of the device, e.g. <c>weft0</c>.</summary>
    public required string Name { get; init; }
    /// <summary>One for each link, in the same order.</summary>
    public required IReadOnlyList<RocePortOptions> Ports { get; init; }
    /// <summary>Limits; none: the defaults. Its name and GUID are those of the device.</summary>
    public DeviceAttributes? Attributes { get; init; }
    /// <summary>Traffic class (DSCP and ECN bits) of connections that the CM makes from here; the other side answers with the same. Linux: default_roce_tos.</summary>
    public byte TypeOfService { get; init; }
    /// <summary>Bounds of the transport: windows, flights, acknowledgement sharing.</summary>
    public EngineLimits Limits { get; init; } = new();
}
