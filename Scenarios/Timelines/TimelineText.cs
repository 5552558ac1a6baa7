using System.Text;

namespace Weft.Scenarios.Timelines;

/// <summary>Draws a timeline with characters: time, one lifeline for each host, and beside them what is said.</summary>
internal static class TimelineText
{
    private const int Gap = 14;
    private const int TimeWidth = 14;

    public static string Draw(Timeline timeline, int limit = int.MaxValue, int width = int.MaxValue)
    {
        var rows = timeline.Rows(withMinor: false, limit, out var leftOut);
        var text = new StringBuilder();
        text.Append("seconds".PadLeft(TimeWidth)).Append("  ");
        foreach (var column in timeline.Columns) text.Append(Fit(column, Gap - 1).PadRight(Gap));
        text.AppendLine();
        if (leftOut > 0) text.AppendLine(FormattableString.Invariant($"{"...",TimeWidth}  {leftOut:N0} lines before this are left out"));
        foreach (var row in rows)
        {
            var line = FormattableString.Invariant($"{Seconds(row.At),TimeWidth}  ") + Lanes(timeline.Columns.Count, row) + Say(row);
            text.AppendLine(Fit(line.TrimEnd(), width));
        }
        return text.ToString();
    }

    public static string Seconds(Instant at) =>
        FormattableString.Invariant($"{at.Nanoseconds / 1_000_000_000}.{Math.Abs(at.Nanoseconds % 1_000_000_000):d9}");

    private static string Fit(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "…";

    private static string Say(in TimelineRow row) => row switch
    {
        { Mark: { Kind: TimelineMarkKind.Failure } failure } => $"FAILED  {failure.Text}",
        { Mark: { } mark } => $"* {mark.Text}",
        { IsWhole: true, Sends: { } both } => both.Label,
        { Sends: { IsUnderWay: true } late } => $"{late.Label} (still under way at the end)",
        { Sends: { Arrived: null } lost } => lost.Label,
        { Sends: { } sent } => $"{sent.Label} (arrives at {Seconds(sent.Arrived!.Value)})",
        { Arrives: { } late } => $"arrives: {late.Label} (left at {Seconds(late.Sent)})",
        _ => "",
    };

    private static string Lanes(int columns, in TimelineRow row)
    {
        var lanes = new char[columns * Gap];
        Array.Fill(lanes, row.Mark?.Kind == TimelineMarkKind.Failure ? '=' : ' ');
        for (var i = 0; i < columns; i++) lanes[At(i)] = '|';
        if (row.Mark is { Column: >= 0 } mark) lanes[At(mark.Column)] = '*';
        if ((row.Sends ?? row.Arrives) is { } message) Arrow(lanes, message, leaves: row.Sends is not null, arrives: row.Arrives is not null);
        return new string(lanes);
    }

    /// <summary>A whole arrow, its first half where it leaves and arrives later or never, or its second half where it arrives.</summary>
    private static void Arrow(char[] lanes, TimelineMessage message, bool leaves, bool arrives)
    {
        var (from, to) = (At(message.From), At(message.To));
        var step = Math.Sign(to - from);
        if (step == 0) return;
        var middle = (from + to) / 2;
        var (start, end) = (leaves ? from + step : middle + step, arrives ? to : middle);
        for (var at = start; at != end; at += step)
            if (lanes[at] == ' ') lanes[at] = leaves && arrives ? '-' : '.';
        if (leaves) lanes[from] = 'o';
        if (arrives) lanes[to - step] = step > 0 ? '>' : '<';
        else if (message.Arrived is null && !message.IsUnderWay) lanes[middle] = 'x';
    }

    private static int At(int column) => column * Gap + 2;
}
