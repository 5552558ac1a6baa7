namespace Weft.Scenarios.Timelines;

/// <summary>
/// What hosts said to each other, in the order in which it left and arrived: a ladder diagram as data. <see cref="TimelineText"/> and
/// <see cref="TimelineSvg"/> draw it.
/// </summary>
internal sealed class Timeline(string title)
{
    private readonly List<string> columns = [];
    // In the order in which things were seen, which decides between equal times.
    private readonly List<(Instant At, TimelineMessage? Message, bool IsArrival, TimelineMark? Mark)> points = [];

    public string Title => title;
    /// <summary>A line under the title, e.g. the claim.</summary>
    public string Subtitle { get; init; } = "";
    public IReadOnlyList<string> Columns => columns;

    /// <summary>The column of a host, made when it is seen first.</summary>
    public int Column(string host)
    {
        var at = columns.IndexOf(host);
        if (at >= 0) return at;
        columns.Add(host);
        return columns.Count - 1;
    }

    public void Send(TimelineMessage message) => points.Add((message.Sent, message, false, null));

    public void Arrive(TimelineMessage message, Instant at)
    {
        message.Arrived = at;
        points.Add((at, message, true, null));
    }

    public void Add(TimelineMark mark) => points.Add((mark.At, null, false, mark));

    /// <summary>The lines of a drawing, at most so many: the last ones, for a failure is at the end.</summary>
    /// <param name="withMinor">Acknowledgements too.</param>
    /// <param name="leftOut">How many lines there would be before the first.</param>
    public List<TimelineRow> Rows(bool withMinor, int limit, out int leftOut)
    {
        var wanted = points.Where(p => p.Message is not { } m || (m.Text.Length > 0 && m.To >= 0 && m.To != m.From && (withMinor || !m.IsMinor || m.Trouble.Length > 0)));
        var sorted = wanted.OrderBy(p => p.At.Nanoseconds).ToList(); // stable
        var rows = new List<TimelineRow>(sorted.Count);
        for (var i = 0; i < sorted.Count; i++)
        {
            var (at, message, isArrival, mark) = sorted[i];
            var isWhole = message is not null && !isArrival && i + 1 < sorted.Count && ReferenceEquals(sorted[i + 1].Message, message);
            rows.Add(new(at, isArrival ? null : message, isArrival || isWhole ? message : null, mark));
            if (isWhole) i++;
        }
        leftOut = Math.Max(0, rows.Count - limit);
        rows.RemoveRange(0, leftOut);
        return rows;
    }
}
