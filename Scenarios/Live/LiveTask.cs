using System.Threading;
using Weft.Scenarios.Commands;

namespace Weft.Scenarios.Live;

/// <summary>Runs a command's asynchronous work on the device's loop.</summary>
internal static class LiveTask
{
    /// <summary>How long an orderly end may take after Ctrl-C.</summary>
    private static readonly Duration Patience = Duration.FromSeconds(20);

    /// <summary>
    /// Runs the work, then the close, whatever came of the work. Ctrl-C cancels the work's token and starts the close at once, which makes
    /// what is still under way fail.
    /// </summary>
    /// <returns>The work's exit code.</returns>
    public static int Run(LiveDevice device, Func<CancellationToken, Task<int>> work, Func<Task> close)
    {
        using var interrupt = new Interrupt(device.Executor);
        using var cancel = new CancellationTokenSource();
        Task<int>? working = null;
        Task? closing = null;
        device.Executor.PostFromOutside(() => working = work(cancel.Token));
        device.Executor.Run(() => working is { IsCompleted: true });
        if (interrupt.WasRequested) cancel.Cancel();
        device.Executor.PostFromOutside(() => closing = close());
        var limit = device.Executor.Now + Patience;
        device.Executor.Run(() => closing is { IsCompleted: true } && working is { IsCompleted: true } || device.Executor.Now > limit);
        if (closing is not { IsCompleted: true }) Console.Error.WriteLine($"the peer has not confirmed the end of the connection in {Patience}");
        if (interrupt.WasRequested) return ExitCode.Interrupted;
        var result = working!.GetAwaiter().GetResult();
        if (closing is { IsCompleted: true }) closing.GetAwaiter().GetResult();
        return result;
    }
}
