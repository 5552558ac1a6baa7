using Weft.Fabric.Execution;
using Timer = Weft.Fabric.Execution.Timer;

namespace Weft.Scenarios.Tools;

/// <summary>Waits on the loop while everything else goes on.</summary>
internal sealed class LoopPause
{
    private readonly IExecutor executor;
    private readonly Completion<bool> over;
    private readonly Timer timer;

    public LoopPause(IExecutor executor)
    {
        this.executor = executor;
        over = new(executor.CreateLane("pause", ChoiceKind.Dispatch), "pause");
        timer = executor.CreateTimer("pause", () => over.TrySetResult(true));
    }

    public ValueTask<bool> WaitAsync(Duration duration)
    {
        over.Reset();
        timer.Arm(executor.Now + duration);
        return over.Task;
    }
}
