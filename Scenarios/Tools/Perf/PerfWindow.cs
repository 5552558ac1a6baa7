namespace Weft.Scenarios.Tools.Perf;

/// <summary>The time of a run by duration: at both ends a quarter that is not counted, as perftest does it.</summary>
internal sealed class PerfWindow(int seconds)
{
    private Instant from, to, end;
    private bool isOpen;

    /// <summary>Messages that ended while it was counted.</summary>
    public long Count { get; private set; }
    public Duration Length => to - from;
    public bool IsStarted => isOpen;

    public void Start(Instant now)
    {
        var margin = seconds / 4;
        (from, to, end, isOpen, Count) = (now + Duration.FromSeconds(margin), now + Duration.FromSeconds(seconds - margin), now + Duration.FromSeconds(seconds), true, 0);
    }

    public void Add(Instant now, int messages)
    {
        if (now >= from && now < to) Count += messages;
    }

    public bool IsOver(Instant now) => isOpen && now >= end;
}
