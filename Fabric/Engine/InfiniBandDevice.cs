using Weft.Fabric.Connections;
using Weft.Fabric.Engine.Cm;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Engine.Sa;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Engine;

/// <summary>
/// A software InfiniBand HCA: ports on links, the transport engine, the connection manager. Its ports are there for subnet management, its
/// QP1s for further agents (device management, performance, the SA).
/// </summary>
public sealed class InfiniBandDevice
{
    private readonly IMadPort[] madPorts;

    private InfiniBandDevice(Hca hca, IbPort[] ports, IPathResolver paths)
    {
        (Verbs, Ports, Paths) = (hca, ports, paths);
        madPorts = [.. ports.Select(p => hca.MadPort(p.Number))];
    }

    /// <summary>The device as its users see it.</summary>
    public IRdmaDevice Verbs { get; }
    /// <summary>Port n is element n-1.</summary>
    public IReadOnlyList<IbPort> Ports { get; }
    /// <summary>QP1 of each port, in the same order.</summary>
    public IReadOnlyList<IMadPort> MadPorts => madPorts;

    /// <summary>Who knows paths: the one of the options, or else the subnet administration is asked.</summary>
    public IPathResolver Paths { get; }

    /// <summary>Makes the device of a node.</summary>
    /// <exception cref="ArgumentException">There are not as many links as port options, or none.</exception>
    public static InfiniBandDevice Create(IExecutor executor, InfiniBandDeviceOptions options, params ReadOnlySpan<ILink> links)
    {
        if (links.Length == 0 || links.Length != options.Ports.Count) throw new ArgumentException("a device needs one link for each of its ports", nameof(links));
        var ports = new IbPort[links.Length];
        for (var i = 0; i < links.Length; i++) ports[i] = new IbPort(executor, links[i], options.Ports[i] with { Number = (byte)(i + 1) });
        var attributes = (options.Attributes ?? new() { Name = options.Name, NodeGuid = default }) with { Name = options.Name, NodeGuid = options.NodeGuid };
        var paths = options.Paths;
        var hca = new Hca(executor, attributes, ports, made =>
        {
            IMadPort[] madPorts = [.. ports.Select(p => made.MadPort(p.Number))];
            return new ConnectionManager(made, ports, madPorts, made.Qpns, paths ??= new SaPathResolver(executor, ports, madPorts));
        }, options.Limits);
        return new(hca, ports, paths!);
    }
}
