namespace Weft.Scenarios.Tools.Perf;

/// <summary>What perftest's latency tests share: one message at a time, and the time from each posting to the next.</summary>
internal abstract class LatencyLoad : PerfLoad
{
    /// <summary>perftest leaves the longest two out of everything but the maximum.</summary>
    private const int Tail = 2;
    private readonly Instant[] begun;

    protected LatencyLoad(PerfResources resources) : base(resources) => begun = new Instant[Math.Max(1, Options.Iterations)];

    protected int Sent { get; private set; }
    protected bool IsSending { get; private set; }
    protected bool HasMore => Window is not null || Sent < Options.Iterations;
    /// <summary>A round trip is two messages; a READ or atomic is one.</summary>
    private int MessagesPerRound => Options.HasReads ? 1 : 2;

    protected override void Begin()
    {
        (Sent, IsSending) = (0, false);
        Window?.Start(Now);
    }

    protected void Send()
    {
        if (Window is null) begun[Sent] = Now;
        Sent++;
        IsSending = true;
        Post(0, 0, isSignaled: true);
    }

    protected override void OnSent(int index)
    {
        IsSending = false;
        Window?.Add(Now, 1);
    }

    public LatencyReport Report()
    {
        if (Window is not null)
        {
            var rate = Window.Count / Window.Length.TotalSeconds;
            return new LatencyReport(Size, Window.Count) { Average = 1e6 / Math.Max(rate, 1e-9) / MessagesPerRound, PerSecond = rate };
        }
        var rounds = new double[Options.Iterations - 1];
        for (var i = 0; i < rounds.Length; i++) rounds[i] = (begun[i + 1] - begun[i]).Nanoseconds / 1e3 / MessagesPerRound;
        Array.Sort(rounds);
        var counted = rounds.AsSpan(0, rounds.Length - Tail);
        var (sum, squares) = (0.0, 0.0);
        foreach (var time in counted) sum += time;
        var average = sum / counted.Length;
        foreach (var time in counted) squares += (time - average) * (time - average);
        return new LatencyReport(Size, Options.Iterations)
        {
            Least = rounds[0], Most = rounds[counted.Length], Average = average, Deviation = Math.Sqrt(squares / counted.Length),
            Typical = (counted.Length - 1) % 2 == 1 ? (counted[counted.Length / 2] + counted[counted.Length / 2 - 1]) / 2 : counted[counted.Length / 2],
            Percentile99 = rounds[(int)Math.Ceiling(counted.Length * 0.99)], Percentile999 = rounds[(int)Math.Ceiling(counted.Length * 0.999)],
        };
    }
}
