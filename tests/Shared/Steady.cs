namespace Weft.Tests;

/// <summary>Measures what a piece of work allocates once it is warm.</summary>
internal static class Steady
{
    /// <summary>
    /// Bytes that <paramref name="work"/> allocates: the least of several measurements, because the runtime itself allocates when it
    /// happens to compile a method again in the middle of one. What the work allocates every time shows in all of them.
    /// </summary>
    public static long AllocatedBytes(Action work, int measurements = 8)
    {
        var least = long.MaxValue;
        for (var i = 0; i < measurements && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
