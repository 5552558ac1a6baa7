using Weft.Fabric.Execution;

namespace Weft.Scenarios.Tools;

/// <summary>Calls an action once in every round of the loop, so that the loop never sleeps: polling, as the verbs tools do it by default.</summary>
internal sealed class Spinner : WorkItem
{
    private readonly ILane lane;
    private readonly Action poll;
    private bool isRunning;

    public Spinner(IExecutor executor, Action poll)
    {
        this.poll = poll;
        lane = executor.CreateLane("polling", ChoiceKind.Dispatch);
    }

    public void Start()
    {
        isRunning = true;
        if (!IsPosted) lane.Post(this);
    }

    public void Stop() => isRunning = false;

    public override void Run()
    {
        if (!isRunning) return;
        poll();
        if (isRunning && !IsPosted) lane.Post(this);
    }
}
