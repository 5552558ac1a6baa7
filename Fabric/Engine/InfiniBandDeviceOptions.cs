using Weft.Fabric.Connections;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine;

/// <summary>What an InfiniBand device is made with.</summary>
public sealed record InfiniBandDeviceOptions
{
    /// <summary>Name of the device, e.g. <c>weft0</c>.</summary>
    public required string Name { get; init; }
    public required Guid64 NodeGuid { get; init; }
    /// <summary>One for each link, in the same order.</summary>
    public required IReadOnlyList<IbPortOptions> Ports { get; init; }
    /// <summary>Limits; none: the defaults. Its name and GUID are those of the device.</summary>
    public DeviceAttributes? Attributes { get; init; }
    /// <summary>Bounds of the transport: windows, flights, acknowledgement sharing.</summary>
    public EngineLimits Limits { get; init; } = new();
    /// <summary>Finds paths for the RDMA CM; none: the SA of the subnet manager that the port knows.</summary>
    public IPathResolver? Paths { get; init; }
}
