using Weft.Scenarios.Commands;

namespace Weft.Scenarios.Bench;

/// <summary>
/// The measured part of a run in steady state: it begins and ends inside the run, after an operation, so that neither set-up nor the
/// draining of the queues counts. Ends after some processor time, so that a busy machine measures as long as an idle one, or after a number
/// of operations where no clock may decide.
/// </summary>
internal sealed class Stretch
{
    private const int LookEvery = 64; // operations between two looks at the clock
    private readonly double warmUpSeconds, seconds;
    private readonly long warmUp, limit;
    private readonly int mostRepeats;
    private readonly Func<long>? counter;
    private WallClock clock = new();
    private double processor = Processor;
    private long bytes, counted, done;
    private int repeats;

    private Stretch(double warmUpSeconds, double seconds, long warmUp, long limit, int mostRepeats, Func<long>? counter) =>
        (this.warmUpSeconds, this.seconds, this.warmUp, this.limit, this.mostRepeats, this.counter) = (warmUpSeconds, seconds, warmUp, limit, mostRepeats, counter);

    /// <summary>A stretch of so many seconds of processor time, after as many to warm up: the compiler's second tier comes late.</summary>
    /// <param name="counter">Something else that grows meanwhile.</param>
    public static Stretch Timed(double seconds, long warmUp = 1000, Func<long>? counter = null) => new(seconds, seconds, warmUp, long.MaxValue, 0, counter);

    /// <summary>
    /// A stretch of so many operations, with no look at a clock. One in which something was allocated is repeated, for the runtime itself
    /// allocates on the thread whose method it compiles again; what the operations allocate every time shows in every repetition.
    /// </summary>
    /// <param name="mostRepeats">How often at most.</param>
    public static Stretch Counted(long operations, long warmUp, Func<long>? counter = null, int mostRepeats = 7) =>
        new(0, double.PositiveInfinity, warmUp, operations, mostRepeats, counter);

    public bool IsOver { get; private set; }
    /// <summary>Warm: operations count.</summary>
    public bool IsRunning { get; private set; }
    public long Operations { get; private set; }
    /// <summary>Wall time.</summary>
    public double Seconds { get; private set; }
    /// <summary>Processor time of the program.</summary>
    public double ProcessorSeconds { get; private set; }
    /// <summary>Bytes that this thread allocated; of a counted stretch in the last repetition, which is the first without any if there is one.</summary>
    public long AllocatedBytes { get; private set; }
    /// <summary>By how much the counter grew.</summary>
    public long Counter { get; private set; }

    public double PerSecond => Operations / Seconds;
    public double PerProcessorSecond => Operations / ProcessorSeconds;
    public double BytesPerOperation => (double)AllocatedBytes / Operations;

    /// <summary>So many more operations are done.</summary>
    /// <returns>Whether to begin another.</returns>
    public bool Done(long operations = 1)
    {
        if (IsOver) return false;
        var before = done;
        done += operations;
        if (!IsRunning)
        {
            if (done >= warmUp && (warmUpSeconds == 0 || IsTimeToLook(before) && Processor - processor >= warmUpSeconds)) Begin();
            return true;
        }
        if (done >= limit || IsTimeToLook(before) && Processor - processor >= seconds) End();
        return !IsOver;
    }

    private bool IsTimeToLook(long before) => double.IsFinite(seconds) && (before ^ done) >= LookEvery;

    private static double Processor => Environment.CpuUsage.TotalTime.TotalSeconds;

    private void Begin()
    {
        IsRunning = true;
        done = 0;
        counted = counter?.Invoke() ?? 0;
        clock = new();
        processor = Processor;
        bytes = GC.GetAllocatedBytesForCurrentThread();
    }

    private void End()
    {
        AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        Seconds = clock.Seconds;
        ProcessorSeconds = Processor - processor;
        Counter = (counter?.Invoke() ?? 0) - counted;
        Operations = done;
        if (AllocatedBytes > 0 && repeats++ < mostRepeats) Begin();
        else IsOver = true;
    }
}
