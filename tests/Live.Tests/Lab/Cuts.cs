using System.Diagnostics;

namespace Weft.Live.Tests.Lab;

/// <summary>Cuts of a link, in real seconds: timers of unmodified peers run on.</summary>
internal static class Cuts
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    /// <summary>Waits for progress, cuts the link for so long, joins it, and waits until there is progress again.</summary>
    /// <param name="weft">The process whose link it is, started with --impair.</param>
    /// <param name="progress">Grows while data flows.</param>
    /// <param name="load">What makes the progress; it must not end.</param>
    public static void WhileFlowing(WeftProcess weft, Func<int> progress, int seconds, Process? load = null)
    {
        WaitForMore(progress, weft, load);
        weft.ToggleLink();
        weft.WaitFor("link cut");
        // The cut itself is what takes the time: nothing could be waited for instead.
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        weft.ToggleLink();
        WaitForMore(progress, weft, load);
    }

    private static void WaitForMore(Func<int> progress, WeftProcess weft, Process? load)
    {
        var (start, waiting) = (progress(), Stopwatch.StartNew());
        while (progress() < start + 2) // one that was under way may yet end
        {
            Assert.True(load is not { HasExited: true }, $"the load has ended:\n{weft.Output}");
            Assert.True(waiting.Elapsed < Patience, $"no progress in {Patience.TotalSeconds} s:\n{weft.Output}");
            Thread.Sleep(100);
        }
    }
}
