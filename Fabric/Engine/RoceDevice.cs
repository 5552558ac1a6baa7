using Weft.Fabric.Connections;
using Weft.Fabric.Engine.Cm;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Engine;

/// <summary>Puts a software RoCE device together: ports on links, the transport engine, the connection manager.</summary>
public static class RoceDevice
{
    /// <summary>Makes the device of a node. The links may be simulated or real.</summary>
    /// <exception cref="ArgumentException">There are not as many links as port options, or none.</exception>
    public static IRdmaDevice Create(IExecutor executor, RoceDeviceOptions options, params ReadOnlySpan<ILink> links) =>
        Create(executor, options, (hca, ports, madPorts) => new ConnectionManager(hca, ports, madPorts, hca.Qpns) { TypeOfService = options.TypeOfService }, links);

    /// <summary>The same with a connection manager of the caller's making.</summary>
    internal static IRdmaDevice Create(
        IExecutor executor, RoceDeviceOptions options, Func<Hca, IPacketPort[], IMadPort[], IConnectionManager> manager, params ReadOnlySpan<ILink> links)
    {
        if (links.Length == 0 || links.Length != options.Ports.Count) throw new ArgumentException("a device needs one link for each of its ports", nameof(links));
        var ports = new IPacketPort[links.Length];
        for (var i = 0; i < links.Length; i++) ports[i] = new RocePort(executor, links[i], options.Ports[i] with { Number = (byte)(i + 1) });
        var attributes = (options.Attributes ?? new() { Name = options.Name, NodeGuid = default }) with { Name = options.Name, NodeGuid = options.Ports[0].Mac.ToEui64() };
        return new Hca(executor, attributes, ports, hca => manager(hca, ports, MadPorts(hca, ports.Length)), options.Limits);
    }

    private static IMadPort[] MadPorts(Hca hca, int count)
    {
        var ports = new IMadPort[count];
        for (var i = 0; i < count; i++) ports[i] = hca.MadPort((byte)(i + 1));
        return ports;
    }
}
