using Weft.Protocol.Analysis;
using Weft.Scenarios.Commands;

namespace Weft.Scenarios.Captures;

/// <summary>Prints reports: a table of counts, then what is wrong.</summary>
internal static class CaptureReportText
{
    /// <summary>Problems of one kind and file that are printed.</summary>
    private const int MaxPrinted = 20;
    private static readonly string[] Header = ["FILE", "FRAMES", "ROCE", "CM", "ISER", "ISCSI", "SRP", "SENDS", "DAMAGED", "UNREAD", "BROKEN", "NOTES", "OTHER"];

    public static void Print(IReadOnlyList<CaptureReport> reports, bool withNotes)
    {
        var rows = reports.Where(r => r.Counts.Frames > 0 || r.Unreadable is null).Select(Row).ToList();
        if (rows.Count > 0) Out.Table(Header, rows);
        foreach (var report in reports) Problems(report, withNotes);
    }

    /// <summary>One line of counts; SENDS are those of unknown consumers.</summary>
    public static string[] Row(CaptureReport report)
    {
        var c = report.Counts;
        return
        [
            report.File, $"{c.Frames}", $"{c.Roce}", $"{c.Cm}", $"{c.Iser}", $"{c.Iscsi}", $"{c.Srp}", $"{c.OtherMessages}", $"{c.Damaged}", $"{report.UnreadCount}",
            $"{report.ViolationCount}", $"{report.NoteCount}", string.Join(", ", c.Other.Select(o => $"{o.Value} {o.Key}")),
        ];
    }

    private static void Problems(CaptureReport report, bool withNotes)
    {
        if (report.Unreadable is { } why) Out.Line($"{report.File}: {why}");
        Section(report.File, "damaged", report.Damaged, report.Counts.Damaged);
        Section(report.File, "not read", report.Unread, report.UnreadCount);
        Section(report.File, "broken", report.Violations, report.ViolationCount);
        if (withNotes) Section(report.File, "note", report.Notes, report.NoteCount);
    }

    private static void Section<T>(string file, string what, List<T> problems, int count)
    {
        foreach (var problem in problems.Take(MaxPrinted)) Out.Line($"{file}: {what}: {problem}");
        if (count > MaxPrinted) Out.Line($"{file}: {what}: and {count - MaxPrinted} more");
    }

    public static object Document(CaptureReport report) => new
    {
        report.File, report.Unreadable, report.Connections, report.Counts, report.Damaged, NotReadCount = report.UnreadCount, NotRead = report.Unread,
        ViolationCount = report.ViolationCount, Violations = report.Violations.Select(Document), NoteCount = report.NoteCount, Notes = report.Notes.Select(Document),
    };

    private static object Document(Finding finding) => new
    {
        finding.Frame, finding.Violation.Rule, finding.Violation.Spec, finding.Violation.Detail, finding.Where, TimeNs = finding.Time.Nanoseconds,
    };
}
