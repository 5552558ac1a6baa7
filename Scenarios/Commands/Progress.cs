#pragma warning disable RS0030 // progress is drawn by a timer beside the work; nothing depends on it
using System.Threading;
using Spectre.Console;

namespace Weft.Scenarios.Commands;

/// <summary>Shows that long work goes on: a line on standard error once a second, and only on a terminal.</summary>
internal static class Progress
{
    public static T While<T>(Func<T> work, Func<string> describe)
    {
        using var timer = Start(describe);
        try
        {
            return work();
        }
        finally
        {
            End(timer);
        }
    }

    public static async Task WhileAsync(Func<Task> work, Func<string> describe)
    {
        using var timer = Start(describe);
        try
        {
            await work();
        }
        finally
        {
            End(timer);
        }
    }

    /// <summary>Takes the progress away, so that a line of results can be printed.</summary>
    public static void Clear()
    {
        if (IsShown) Console.Error.Write("\r\e[K");
    }

    private static bool IsShown => Out.Error.Profile.Capabilities.Interactive && !Console.IsErrorRedirected;

    private static Timer? Start(Func<string> describe) =>
        IsShown ? new Timer(_ => Console.Error.Write($"\r\e[K{describe()}"), null, 1000, 1000) : null;

    private static void End(Timer? timer)
    {
        if (timer is null) return;
        timer.Change(Timeout.Infinite, Timeout.Infinite);
        Console.Error.Write("\r\e[K");
    }
}
