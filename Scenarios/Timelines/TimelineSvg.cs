using System.Globalization;
using System.Text;

namespace Weft.Scenarios.Timelines;

/// <summary>
/// Draws a timeline as one self-contained SVG: hosts are columns, messages are arrows from where they leave to where they arrive, slanted
/// as far as other things come between; lost ones end in a cross; choices and the broken claim are marked.
/// </summary>
internal static class TimelineSvg
{
    private const int RowHeight = 24;
    private const int Left = 150;
    private const int Right = 40;
    private const double CharWidth = 6.65, TitleCharWidth = 9.2;
    private const int MostRows = 1000;

    private const string Style = """
        <style>
        text { font: 11px ui-monospace, 'DejaVu Sans Mono', Consolas, monospace; fill: #222; stroke: #fff; stroke-width: 3px; stroke-linejoin: round; paint-order: stroke }
        .title { font-size: 15px; font-weight: bold } .sub { fill: #555 } .host { font-weight: bold; text-anchor: middle }
        .time { fill: #888; text-anchor: end } .life { stroke: #bbb; stroke-dasharray: 3 3 } .box { fill: #eef3fa; stroke: #9bb }
        .msg { stroke: #1f4e8c; stroke-width: 1.4; fill: none } .minor { stroke: #c4c4c4; stroke-width: 1; fill: none } .minortext { fill: #aaa }
        .bad { stroke: #c0392b; stroke-width: 1.4; fill: none } .badtext { fill: #c0392b }
        .choice { fill: #f2b705; stroke: #8a6800 } .choicetext { fill: #7a5c00 } .link { fill: #7f8c8d } .fail { fill: #fbe3e0; stroke: #c0392b } .failtext { fill: #a51d12; font-weight: bold }
        </style>
        <defs>
        <marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#1f4e8c"/></marker>
        <marker id="m" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L8 4L0 8z" fill="#c4c4c4"/></marker>
        <marker id="b" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#c0392b"/></marker>
        </defs>
        """;

    public static string Draw(Timeline timeline, int limit = int.MaxValue)
    {
        var rows = timeline.Rows(withMinor: true, Math.Min(limit, MostRows), out var leftOut);
        var gap = Math.Clamp(840 / Math.Max(1, timeline.Columns.Count - 1), 240, 680);
        var width = Left + gap * Math.Max(1, timeline.Columns.Count - 1) + Right + 60;
        var top = 96;
        var failure = rows.Count > 0 && rows[^1].Mark is { Kind: TimelineMarkKind.Failure } mark ? Wrap(mark.Text, (int)((width - 60) / CharWidth)) : [];
        var height = top + rows.Count * RowHeight + failure.Count * 15 + 40;
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">""");
        svg.AppendLine(Style);
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect width="{width}" height="{height}" fill="#fff"/>""");
        Text(svg, "title", 16, 24, timeline.Title, (int)((width - 32) / TitleCharWidth));
        Text(svg, "sub", 16, 42, timeline.Subtitle, (int)((width - 32) / CharWidth));
        if (leftOut > 0) Text(svg, "sub", 16, 58, FormattableString.Invariant($"{leftOut:N0} lines before these are left out"));
        Columns(svg, timeline.Columns, gap, top, height);
        Messages(svg, rows, gap, top);
        for (var i = 0; i < rows.Count; i++)
        {
            var y = top + (i + 1) * RowHeight;
            if (i == 0 || rows[i].At != rows[i - 1].At) Text(svg, "time", Left - 40, y + 4, TimelineText.Seconds(rows[i].At));
            if (rows[i].Mark is { Kind: not TimelineMarkKind.Failure } point) Mark(svg, point, gap, y);
        }
        if (failure.Count > 0) Failure(svg, failure, width, top + rows.Count * RowHeight);
        return svg.AppendLine("</svg>").ToString();
    }

    private static int X(int column, int gap) => Left + column * gap;

    private static void Columns(StringBuilder svg, IReadOnlyList<string> columns, int gap, int top, int height)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            var (x, half) = (X(i, gap), columns[i].Length * CharWidth / 2 + 10);
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<line class="life" x1="{x}" y1="{top}" x2="{x}" y2="{height - 20}"/>""");
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect class="box" x="{x - half:0.#}" y="{top - 26}" width="{half * 2:0.#}" height="22" rx="3"/>""");
            Text(svg, "host", x, top - 11, columns[i]);
        }
    }

    private static void Messages(StringBuilder svg, List<TimelineRow> rows, int gap, int top)
    {
        var arrivals = new Dictionary<TimelineMessage, int>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < rows.Count; i++)
            if (rows[i].Arrives is { } message) arrivals[message] = top + (i + 1) * RowHeight;
        for (var i = 0; i < rows.Count; i++)
        {
            var y = top + (i + 1) * RowHeight;
            if (rows[i].Sends is { } message) Message(svg, message, y, arrivals.GetValueOrDefault(message, y), gap);
            // One that left before the first line.
            else if (rows[i].Arrives is { } late && late.Sent < rows[0].At) Message(svg, late, top + 4, y, gap);
        }
    }

    private static void Message(StringBuilder svg, TimelineMessage message, int y, int arrives, int gap)
    {
        var (from, to) = (X(message.From, gap), X(message.To, gap));
        var isRight = to > from;
        var (style, head) = message.Trouble.Length > 0 ? ("bad", "b") : message.IsMinor ? ("minor", "m") : ("msg", "a");
        if (message.Arrived is null) to = from + (to - from) * 7 / 10;
        svg.Append(CultureInfo.InvariantCulture, $"""<line class="{style}" x1="{from}" y1="{y}" x2="{to}" y2="{arrives}" """);
        svg.AppendLine(message.IsUnderWay ? "stroke-dasharray=\"2 3\"/>" : message.Arrived is null ? "/>" : $"""marker-end="url(#{head})"/>""");
        if (message.Arrived is null && !message.IsUnderWay)
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<path class="bad" d="M{to - 5} {y - 5}l10 10m0 -10l-10 10"/>""");
        var room = Math.Max(1, (int)((Math.Abs(X(message.To, gap) - from) - 20) / CharWidth));
        var label = message.Label;
        var shown = label.Length <= room ? label : label[..(room - 1)] + "…";
        svg.Append(CultureInfo.InvariantCulture,
            $"""<text class="{(style == "bad" ? "badtext" : style == "minor" ? "minortext" : "")}" x="{from + (isRight ? 8 : -8)}" y="{y - 4}" text-anchor="{(isRight ? "start" : "end")}">""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"{Escape(shown)}<title>{Escape(label)}</title></text>");
    }

    private static void Mark(StringBuilder svg, TimelineMark mark, int gap, int y)
    {
        var x = mark.Column >= 0 ? X(mark.Column, gap) : Left - 24;
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<path class="{(mark.Kind == TimelineMarkKind.Link ? "link" : "choice")}" d="M{x} {y - 6}l6 6l-6 6l-6 -6z"/>""");
        // Beside its lifeline, towards the middle of the drawing.
        var isLast = mark.Column > 0;
        svg.AppendLine(CultureInfo.InvariantCulture,
            $"""<text class="choicetext" x="{x + (isLast ? -10 : 10)}" y="{y + 4}" text-anchor="{(isLast ? "end" : "start")}">{Escape(mark.Text)}</text>""");
    }

    private static void Failure(StringBuilder svg, List<string> lines, int width, int y)
    {
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect class="fail" x="12" y="{y - 14}" width="{width - 24}" height="{lines.Count * 15 + 12}" rx="4"/>""");
        for (var i = 0; i < lines.Count; i++) Text(svg, "failtext", 24, y + 3 + i * 15, lines[i]);
    }

    private static void Text(StringBuilder svg, string style, int x, int y, string text, int room = int.MaxValue) => svg.AppendLine(CultureInfo.InvariantCulture,
        $"""<text class="{style}" x="{x}" y="{y}">{Escape(text.Length <= room ? text : text[..(room - 1)] + "…")}</text>""");

    private static List<string> Wrap(string text, int width)
    {
        var lines = new List<string>();
        while (text.Length > width)
        {
            var at = text.LastIndexOf(' ', width);
            if (at <= 0) at = width;
            lines.Add(text[..at]);
            text = text[at..].TrimStart();
        }
        lines.Add(text);
        return lines;
    }

    /// <summary>Characters that XML has no place for become its replacement character: names in a capture are whatever a peer sent.</summary>
    private static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (System.Xml.XmlConvert.IsXmlChar(c)) safe.Append(c);
            else safe.Append('\uFFFD');
        }
        return safe.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").ToString();
    }
}
