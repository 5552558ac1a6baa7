using Weft.Initiator.Commands;
using Weft.Protocol.Srp;

namespace Weft.Initiator.Srp;

// Task management: one function at a time, others wait their turn.
internal sealed partial class SrpChannel
{
    /// <summary>One function, and ones whose answer nobody waits for any more.</summary>
    public const int TaskManagementPlaces = 4;

    private readonly Queue<TaskManagementJob> jobs = [];
    private SrpRequest? management;

    /// <summary>The function's number, or null for what SRP does not have.</summary>
    public static SrpTaskFunction? NumberOf(TaskFunction function) => function switch
    {
        TaskFunction.AbortTask => SrpTaskFunction.AbortTask,
        TaskFunction.AbortTaskSet => SrpTaskFunction.AbortTaskSet,
        TaskFunction.ClearTaskSet => SrpTaskFunction.ClearTaskSet,
        TaskFunction.LunReset => SrpTaskFunction.LunReset,
        _ => null,
    };

    public void StartTaskManagement(TaskManagementJob job)
    {
        jobs.Enqueue(job);
        StartNextJob();
    }

    private void StartNextJob()
    {
        while (Phase == SrpChannelPhase.Ready && management is null && limit > 0 && free is not null && jobs.TryPeek(out var job))
        {
            jobs.Dequeue();
            var target = job.Command?.Task as SrpRequest;
            if (job.Function == TaskFunction.AbortTask && target is not { IsBusy: true, IsAnswered: false })
            {
                job.Finished(TaskManagementOutcome.TaskNotFound);
                continue;
            }
            management = Begin(null, job);
            taskManagementTimer.Arm(host.Executor.Now + job.Timeout);
            new SrpTaskManagement(0, management.Tag, job.Command?.Lun.Value ?? job.Lun.Value, NumberOf(job.Function)!.Value, target?.Tag ?? 0).Write(arena!.Request(management.Slot));
            PostRequest(management, SrpTaskManagement.Length);
        }
    }

    private void OnManagementAnswer(SrpRequest request, in SrpResponse response, ReadOnlySpan<byte> unit)
    {
        var job = request.Job!;
        var data = (response.Flags & SrpResponseFlags.ResponseValid) != 0 ? response.ResponseData(unit) : default;
        var outcome = (data.Length >= 4 ? (SrpResponseCode)data[3] : SrpResponseCode.RequestFieldsInvalid) switch
        {
            SrpResponseCode.NoFailure => TaskManagementOutcome.Complete,
            SrpResponseCode.TaskManagementNotSupported => TaskManagementOutcome.NotSupported,
            // the driver knows no other word for a command that has ended already
            SrpResponseCode.TaskManagementFailed when job.Function == TaskFunction.AbortTask => TaskManagementOutcome.TaskNotFound,
            _ => TaskManagementOutcome.Rejected,
        };
        var isLate = request.IsAbandoned;
        if (!isLate)
        {
            management = null;
            taskManagementTimer.Cancel();
            if (outcome == TaskManagementOutcome.Complete) session.EndCovered(job);
        }
        Answer(request, CommandOutcome.Completed);
        if (!isLate) job.Finished(outcome);
        StartNextJob();
    }

    /// <summary>Commands that a function has ended get no answer of their own any more.</summary>
    public void EndCovered(TaskManagementJob job)
    {
        foreach (var request in requests)
            if (request is { IsBusy: true, IsAnswered: false, Command: { } command } && job.Covers(command)) Answer(request, job.CommandOutcome);
    }

    private void OnTaskManagementTimeout()
    {
        if (management is not { } request) return;
        management = null;
        request.IsAbandoned = true; // its place stays taken: the answer may still come
        request.Job!.Finished(TaskManagementOutcome.TimedOut);
        StartNextJob();
    }

    private void EndAllJobs()
    {
        if (management is { } request)
        {
            management = null;
            request.IsAbandoned = true;
            request.Job!.Finished(TaskManagementOutcome.ConnectionLost);
        }
        while (jobs.TryDequeue(out var job)) job.Finished(TaskManagementOutcome.ConnectionLost);
    }
}
