namespace Weft.Fabric.Sim.Tests;

/// <summary>A work item that runs an action.</summary>
internal sealed class Do(Action action) : WorkItem
{
    public override void Run() => action();
}
