using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;

namespace Weft.Scenarios.Runner;

/// <summary>A simulated host: a node, and its cable to the switch.</summary>
public sealed class SimHost(SimNode node, SimLink link, Gid address, SimHostOptions options) : ScenarioHost(node.Name, address, options)
{
    public override IExecutor Executor => node;
    public override SimNode Node => node;
    public override SimLink Link => link;
}
