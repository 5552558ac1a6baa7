using Weft.Fabric.Execution;

namespace Weft.Fabric.Tests.Engine.Cm;

internal sealed class CmTestLane(string name, ChoiceKind kind) : ILane
{
    public string Name => name;
    public ChoiceKind Kind => kind;
    public Queue<WorkItem> Items { get; } = [];

    public void Post(WorkItem item)
    {
        Assert.False(item.IsPosted, "posted twice");
        item.IsPosted = true;
        Items.Enqueue(item);
    }

    public void Post(WorkItem item, Duration delay) => Post(item);
}

internal sealed class CmTestTimer(string name, Action onFired) : Weft.Fabric.Execution.Timer(name, onFired)
{
    public override void Arm(Instant deadline) => Deadline = deadline;
    public void FireNow() => Fire();
}
