#pragma warning disable RS0030 // progress is drawn by a timer beside the work; nothing depends on it
using System.Threading;
using Spectre.Console;

namespace Weft.Scenarios.Commands;

/// <summary>Shows that long work goes on: a line on standard error once a second, and only on a terminal.</summary>
internal static class Progress
{
    public static T While<T>(Func<T> work, Func<string> describe)
    {
        if (!Out.Error.Profile.Capabilities.Interactive || Console.IsErrorRedirected) return work();
        using var timer = new Timer(_ => Console.Error.Write($"\r\e[K{describe()}"), null, 1000, 1000);
        try
        {
            return work();
        }
        finally
        {
            timer.Change(Timeout.Infinite, Timeout.Infinite);
            Console.Error.Write("\r\e[K");
        }
    }
}
