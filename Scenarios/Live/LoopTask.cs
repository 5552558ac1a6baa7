using System.Threading;
using Weft.Fabric.Execution;
using Weft.Fabric.Hw;

namespace Weft.Scenarios.Live;

/// <summary>Brings the end of an operating system call that runs elsewhere (TCP, a name service) back to the device's loop.</summary>
internal static class LoopTask
{
    /// <summary>What to await on the loop: resumes there, with the task's result or exception.</summary>
    public static ValueTask<T> On<T>(HwExecutor executor, ILane lane, string name, Task<T> task)
    {
        var completion = new Completion<T>(lane, name);
        task.ContinueWith(
            done => executor.PostFromOutside(() =>
            {
                if (done.IsCompletedSuccessfully) completion.TrySetResult(done.Result);
                else completion.TrySetException(done.Exception?.InnerException ?? new OperationCanceledException());
            }),
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return completion.Task;
    }
}
