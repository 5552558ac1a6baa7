namespace Weft.Initiator.Tests.Fakes;

/// <summary>A work item that runs an action.</summary>
internal sealed class Act(Action action) : WorkItem
{
    public override void Run() => action();
}
