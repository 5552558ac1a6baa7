using Weft.Fabric.Connections;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Runner;

/// <summary>A simulated host: a node, its cable to the switch, and the device on it.</summary>
public sealed class SimHost(SimNode node, SimLink link, Gid address, SimHostOptions options)
{
    public string Name => node.Name;
    public SimNode Node => node;
    /// <summary>Its cable; A is the host's end.</summary>
    public SimLink Link => link;
    public LinkPort Port => link.A;
    /// <summary>Another one after each start.</summary>
    public IRdmaDevice Device { get; internal set; } = null!;
    public SimHostOptions Options => options;
    /// <summary>Its IPv4 address.</summary>
    public Gid Address => address;

    public IpEndpoint Endpoint(ushort port) => new(address, port);
}
