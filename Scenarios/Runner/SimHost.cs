using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Nodes;

namespace Weft.Scenarios.Runner;

/// <summary>A simulated host: a node, and a cable to the switch for each of its ports.</summary>
public sealed class SimHost(SimNode node, IReadOnlyList<SimLink> links, IReadOnlyList<Gid> addresses, SimHostOptions options) : ScenarioHost(node.Name, addresses[0], options)
{
    public override IExecutor Executor => node;
    public override SimNode Node => node;
    public override SimLink Link => links[0];
    public override IReadOnlyList<SimLink> Links => links;
    public override IReadOnlyList<Gid> Addresses => addresses;
    /// <summary>On InfiniBand: its channel adapter.</summary>
    public override IbAdapterNode? Adapter { get; }
    /// <summary>On InfiniBand: paths that are known beforehand; none: the SA is asked.</summary>
    public IPathResolver? Paths { get; }

    internal SimHost(IbAdapterNode adapter, IReadOnlyList<SimLink> links, SimHostOptions options, IPathResolver? paths)
        : this(adapter.Node, links, [.. links.Select((_, i) => Gid.LinkLocal(adapter.Model[i + 1].Guid))], options) => (Adapter, Paths) = (adapter, paths);
}
