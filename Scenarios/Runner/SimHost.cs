using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Nodes;

namespace Weft.Scenarios.Runner;

/// <summary>A simulated host: a node, and its cable to the switch.</summary>
public sealed class SimHost(SimNode node, SimLink link, Gid address, SimHostOptions options) : ScenarioHost(node.Name, address, options)
{
    public override IExecutor Executor => node;
    public override SimNode Node => node;
    public override SimLink Link => link;
    /// <summary>On InfiniBand: its channel adapter.</summary>
    public override IbAdapterNode? Adapter { get; }
    /// <summary>On InfiniBand: paths that are known beforehand; none: the SA is asked.</summary>
    public IPathResolver? Paths { get; }

    internal SimHost(IbAdapterNode adapter, SimLink link, SimHostOptions options, IPathResolver? paths)
        : this(adapter.Node, link, Gid.LinkLocal(adapter.Model[1].Guid), options) => (Adapter, Paths) = (adapter, paths);
}
