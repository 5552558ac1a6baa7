using Weft.Fabric.Execution;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Live;

/// <summary>A host on a real link.</summary>
internal sealed class LiveHost(IExecutor executor, string name, Gid address, SimHostOptions options) : ScenarioHost(name, address, options)
{
    public override IExecutor Executor => executor;
}
