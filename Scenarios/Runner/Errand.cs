using Weft.Fabric.Execution;

namespace Weft.Scenarios.Runner;

/// <summary>Something that an operator or a driver does on a host, at a moment that the order of events leaves open.</summary>
internal sealed class Errand(Action action) : WorkItem
{
    public override void Run() => action();
}
