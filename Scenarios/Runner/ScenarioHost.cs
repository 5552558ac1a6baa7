using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Runner;

/// <summary>A host of a scenario: an executor and the device on it. What only a simulated one has says so elsewhere.</summary>
public abstract class ScenarioHost(string name, Gid address, SimHostOptions options)
{
    public string Name => name;
    public abstract IExecutor Executor { get; }
    /// <summary>Another one after each start.</summary>
    public IRdmaDevice Device { get; internal set; } = null!;
    public SimHostOptions Options => options;
    /// <summary>On simulated InfiniBand: its channel adapter.</summary>
    public virtual IbAdapterNode? Adapter => null;
    /// <summary>Its IPv4 address; on InfiniBand the GID of its port. Of several ports, the first one's.</summary>
    public Gid Address => address;
    /// <summary>The addresses of all its ports, in their order.</summary>
    public virtual IReadOnlyList<Gid> Addresses => [address];

    /// <exception cref="NeedsSimulationException">The host is a real one.</exception>
    public virtual SimNode Node => throw new NeedsSimulationException("a simulated node");
    /// <summary>Its cable; A is the host's end.</summary>
    /// <exception cref="NeedsSimulationException">The host is a real one.</exception>
    public virtual SimLink Link => throw new NeedsSimulationException("a simulated cable");
    /// <summary>The cables of all its ports, in their order.</summary>
    /// <exception cref="NeedsSimulationException">The host is a real one.</exception>
    public virtual IReadOnlyList<SimLink> Links => throw new NeedsSimulationException("simulated cables");
    /// <exception cref="NeedsSimulationException">The host is a real one.</exception>
    public LinkPort Port => Link.A;

    public IpEndpoint Endpoint(ushort port) => new(address, port);
}
