namespace Weft.Scenarios.Tools.Perf;

/// <summary>Keeps every queue pair's send queue full, and takes what the peer sends: perftest's bandwidth tests, one way or both.</summary>
internal sealed class BandwidthLoad : PerfLoad
{
    private readonly int[] posted, done, received, receivesPosted;
    private readonly Instant[] begun, ended;
    private readonly int moderation;
    private long totalPosted, totalDone, totalReceived;
    private Instant firstReceived, lastReceived;

    public BandwidthLoad(PerfResources resources) : base(resources)
    {
        var pairs = Options.QueuePairs;
        (posted, done, received, receivesPosted) = (new int[pairs], new int[pairs], new int[pairs], new int[pairs]);
        moderation = Math.Min(Options.CqModeration, Options.TransmitDepth);
        var samples = Options.FindPeak && Options.Requests ? Total : 1;
        (begun, ended) = (new Instant[Math.Max(1, samples)], new Instant[Math.Max(1, samples)]);
    }

    private int Total => Options.Iterations * Options.QueuePairs;
    private bool HasEnd => Window is null;

    public override void PostReceives()
    {
        if (!Options.Receives) return;
        for (var i = 0; i < receivesPosted.Length; i++)
            for (receivesPosted[i] = 0; receivesPosted[i] < Options.ReceiveDepth; receivesPosted[i]++) PostReceive(i);
    }

    protected override void Begin()
    {
        (totalPosted, totalDone, totalReceived) = (0, 0, 0);
        Array.Clear(posted);
        Array.Clear(done);
        Array.Clear(received);
        Array.Clear(ended);
        if (!Options.Requests) return;
        Window?.Start(Now);
        for (var i = 0; i < posted.Length; i++) Refill(i);
    }

    private void Refill(int index)
    {
        while ((HasEnd ? posted[index] < Options.Iterations : !Window!.IsOver(Now)) && posted[index] - done[index] < Options.TransmitDepth)
        {
            if (HasEnd && (Options.FindPeak || totalPosted == 0)) begun[totalPosted] = Now;
            var n = posted[index]++;
            totalPosted++;
            Post(index, Offset(n), isSignaled: n % moderation == moderation - 1 || HasEnd && n == Options.Iterations - 1);
        }
    }

    // Small messages walk through a page, a cache line each.
    private int Offset(int message)
    {
        if (Size > PerfOptions.CycleBuffer / 2) return 0;
        var stride = (Size + PerfOptions.CacheLine - 1) / PerfOptions.CacheLine * PerfOptions.CacheLine;
        return message % (PerfOptions.CycleBuffer / stride) * stride;
    }

    protected override void OnSent(int index)
    {
        var more = HasEnd ? Math.Min(moderation, Options.Iterations - done[index]) : moderation;
        done[index] += more;
        totalDone += more;
        if (HasEnd) ended[Options.FindPeak ? totalDone - 1 : 0] = Now;
        else Window!.Add(Now, more);
        Refill(index);
    }

    protected override void OnReceived(int index)
    {
        lastReceived = Now;
        if (totalReceived++ == 0)
        {
            firstReceived = lastReceived;
            if (!Options.Requests) Window?.Start(lastReceived);
        }
        received[index]++;
        if (!Options.Requests) Window?.Add(lastReceived, 1);
        if (HasEnd && receivesPosted[index] >= Options.Iterations) return;
        receivesPosted[index]++;
        PostReceive(index);
    }

    protected override void Advance()
    {
        if (HasEnd ? (!Options.Requests || totalDone == Total) && (!Options.Receives || totalReceived == Total) : Window!.IsOver(Now)) Finish();
    }

    public PerfReport Report()
    {
        var unit = Options.InGigabits ? 125e6 : 1 << 20;
        if (Window is not null) return Line(Window.Count, Window.Length.TotalSeconds, 0);
        if (!Options.Requests) return Line(Total, (lastReceived - firstReceived).TotalSeconds, 0);
        var seconds = (ended[Options.FindPeak ? Total - 1 : 0] - begun[0]).TotalSeconds;
        return Line(Total, seconds, Options.FindPeak ? Size / (LeastPerMessage() / 1e9) / unit : 0);

        PerfReport Line(long messages, double time, double peak)
        {
            var rate = messages / Math.Max(time, 1e-9);
            return new(Size, messages, peak, rate * Size / unit, rate / 1e6);
        }
    }

    // perftest's peak: the best stretch of messages, from the posting of its first to the completion of its last. In nanoseconds a message.
    private double LeastPerMessage()
    {
        var least = (double)(ended[Total - 1] - begun[0]).Nanoseconds / Total;
        for (var first = 0; first < Total; first++)
        {
            for (var last = first; last < Total; last++)
            {
                if (ended[last] == default) continue;
                least = Math.Min(least, (double)(ended[last] - begun[first]).Nanoseconds / (last - first + 1));
                last += moderation - 1;
            }
        }
        return Math.Max(least, 1e-3);
    }
}
