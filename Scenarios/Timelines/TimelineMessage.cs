namespace Weft.Scenarios.Timelines;

/// <summary>One message between two hosts: an arrow.</summary>
internal sealed class TimelineMessage
{
    /// <summary>Column of the sender.</summary>
    public required int From { get; init; }
    /// <summary>Column of the receiver; -1 while unknown.</summary>
    public int To { get; set; } = -1;
    public required Instant Sent { get; init; }
    /// <summary>When it reached the receiver; null: it never did.</summary>
    public Instant? Arrived { get; set; }
    /// <summary>Why it did not arrive, or came damaged or twice; empty for what went well.</summary>
    public string Trouble { get; set; } = "";
    /// <summary>In the terms of its protocol; empty for a packet in the middle of a message.</summary>
    public string Text { get; set; } = "";
    /// <summary>An acknowledgement or the like: drawn faintly, or not at all.</summary>
    public bool IsMinor { get; set; }

    /// <summary>Neither arrived nor lost when the run ended.</summary>
    public bool IsUnderWay => Arrived is null && Trouble.Length == 0;
    public string Label => Trouble.Length == 0 ? Text : $"[{Trouble}] {Text}";
}
