using Weft.Fabric.Execution;

namespace Weft.Fabric.Hw;

/// <summary>A lane on hardware: the loop runs everything in the order in which it was posted.</summary>
internal sealed class HwLane(HwExecutor executor, string name, ChoiceKind kind) : ILane
{
    public string Name => name;
    public ChoiceKind Kind => kind;

    public void Post(WorkItem item) => executor.Enqueue(item);

    public void Post(WorkItem item, Duration delay)
    {
        if (delay <= Duration.Zero) executor.Enqueue(item);
        else executor.Enqueue(item, executor.Now + delay);
    }
}
