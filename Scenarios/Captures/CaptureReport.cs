using Weft.Protocol.Analysis;

namespace Weft.Scenarios.Captures;

/// <summary>What the check of one capture file found.</summary>
internal sealed class CaptureReport(string file)
{
    /// <summary>Problems of one kind that are kept; all are counted.</summary>
    public const int MaxKept = 1000;

    public string File { get; } = file;
    public FrameCounts Counts { get; } = new();
    public int Connections { get; set; }
    /// <summary>Why the file could not be read, or not to its end.</summary>
    public string? Unreadable { get; set; }
    /// <summary>Frames that a receiver drops: a wrong ICRC, checksum or length.</summary>
    public List<FrameProblem> Damaged { get; } = [];
    /// <summary>Good frames that a reader of ours does not understand, or writes back differently.</summary>
    public List<FrameProblem> Unread { get; } = [];
    public List<Finding> Violations { get; } = [];
    public List<Finding> Notes { get; } = [];
    public int UnreadCount { get; private set; }
    public int ViolationCount { get; private set; }
    public int NoteCount { get; private set; }

    public bool HasProblems(bool allowDamaged) =>
        Unreadable is not null || UnreadCount > 0 || ViolationCount > 0 || (Counts.Damaged > 0 && !allowDamaged);

    public void AddDamaged(int frame, Violation violation)
    {
        Counts.Damaged++;
        if (Damaged.Count < MaxKept) Damaged.Add(new(frame, violation));
    }

    public void AddUnread(int frame, Violation violation)
    {
        UnreadCount++;
        if (Unread.Count < MaxKept) Unread.Add(new(frame, violation));
    }

    public void Add(Finding finding)
    {
        var isNote = finding.Severity == FindingSeverity.Note;
        if (isNote) NoteCount++;
        else ViolationCount++;
        var list = isNote ? Notes : Violations;
        if (list.Count < MaxKept) list.Add(finding);
    }
}
