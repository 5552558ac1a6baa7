using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Execution;
using Timer = Weft.Fabric.Execution.Timer;

namespace Weft.Fabric.Engine;

/// <summary>A timer that serves one QP after another: executors keep timers for ever, QPs come and go.</summary>
internal sealed class QpTimer
{
    private readonly Timer timer;

    public QpTimer(IExecutor executor, string name) => timer = executor.CreateTimer(name, () => Owner?.Requester!.OnTimer());

    public QueuePair? Owner { get; set; }
    public bool IsArmed => timer.IsArmed;
    public void Arm(Instant deadline) => timer.Arm(deadline);
    public void Cancel()
    {
        if (timer.IsArmed) timer.Cancel();
    }
}
