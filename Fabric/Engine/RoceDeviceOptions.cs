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
    /// <summary>Bounds of the transport: windows, flights, acknowledgement sharing.</summary>
    public EngineLimits Limits { get; init; } = new();
}
