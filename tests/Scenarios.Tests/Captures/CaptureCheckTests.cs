using Weft.Protocol.Analysis;
using Weft.Scenarios.Captures;

namespace Weft.Scenarios.Tests.Captures;

/// <summary>
/// The main claim about bytes: what real Linux peers sent is read, verified and written back to the same bytes, layer by layer, and breaks
/// no rule where the README of the captures does not say why.
/// </summary>
public sealed class CaptureCheckTests
{
    /// <summary>What the rules find broken: file, rule, count, and why it is there.</summary>
    private static readonly (string File, string Rule, int Count, string Why)[] Broken =
    [
        ("iser-loss2.pcap", "cmd-window", 1,
            "losses end the session; the initiator logs in again and sends its held commands by the window of the old session, not by that of the Login Response"),
    ];

    /// <summary>What is merely noted: file, rule, count, and why.</summary>
    private static readonly (string File, string Rule, int Count, string Why)[] Noted =
    [
        ("iser-corrupt.pcap", "psn-gap", 3, "the packet in front was damaged: a receiver does not see it either"),
        ("iser-kill-target.pcap", "cm-unseen", 4, "the capture starts when the connection is up: its DREQs name a connection that was not seen"),
        ("iser-libiscsi.pcap", "exp-stat-sn", 2, "libiscsi over iSER leaves ExpStatSN where it began, once in each session that goes on after the login"),
        ("iser-loss2.pcap", "psn-gap", 7, "2 % loss"),
        ("iser-rej-noservice.pcap", "cm-unseen", 2, "the DREQ and DREP of a connection from before the capture"),
        ("srp-loss2.pcap", "psn-gap", 1, "2 % loss"),
        ("tgt-iser.pcap", "exp-cmd-sn", 1, "tgtd counts the Login Request in its ExpCmdSN"),
    ];

    /// <summary>Damaged frames, as the row of the README says: corruption of 3 %.</summary>
    private static readonly (string File, int Frame, string Rule)[] Damaged =
    [
        .. new[] { 8, 87 }.Select(n => ("iser-corrupt.pcap", n, "icrc")),
        ("iser-corrupt.pcap", 105, "ip-checksum"), // the bit stands in the IP protocol number
        .. new[] { 116, 235, 341, 350, 369, 370, 372, 401, 411 }.Select(n => ("iser-corrupt.pcap", n, "icrc")),
    ];

    [Fact]
    public void Every_frame_is_read_verified_and_written_back()
    {
        foreach (var report in CaptureCorpus.Reports)
        {
            Assert.Null(report.Unreadable);
            Assert.True(report.UnreadCount == 0, $"{report.File}: {string.Join("\n", report.Unread)}");
        }
    }

    [Fact]
    public void Counts_are_the_approved_ones()
    {
        var lines = CaptureCorpus.Reports.Select(r => $"{r.File}: frames {r.Counts.Frames}, connections {r.Connections}, RoCE {r.Counts.Roce} (RC {r.Counts.Rc}, UC {r.Counts.Uc},"
            + $" UD {r.Counts.Ud}), CM {r.Counts.Cm}, logins in CM {r.Counts.LoginData}, iSER {r.Counts.Iser}, iSCSI {r.Counts.Iscsi}, SRP {r.Counts.Srp}, CDBs {r.Counts.ScsiCommands},"
            + $" sense {r.Counts.Sense}, other SENDs {r.Counts.OtherMessages}, damaged {r.Counts.Damaged}"
            + string.Concat(r.Counts.Other.Select(o => $", {o.Key} {o.Value}")));
        Approve("capture-check.txt", string.Join('\n', lines) + "\n");
    }

    [Fact]
    public void Only_the_frames_that_were_damaged_are_named_as_damaged() =>
        Assert.Equal(Damaged, CaptureCorpus.Reports.SelectMany(r => r.Damaged.Select(d => (r.File, d.Frame, d.Rule))));

    [Fact]
    public void What_the_rules_find_is_explained() => Explained(Broken, r => r.Violations);

    [Fact]
    public void What_is_noted_is_explained() => Explained(Noted, r => r.Notes);

    private static void Explained((string File, string Rule, int Count, string Why)[] expected, Func<CaptureReport, List<Finding>> of) =>
        Assert.Equal(
            expected.Select(e => $"{e.File} {e.Rule} {e.Count}").Order(StringComparer.Ordinal),
            CaptureCorpus.Reports.SelectMany(r => of(r).GroupBy(f => f.Violation.Rule).Select(g => $"{r.File} {g.Key} {g.Count()}")).Order(StringComparer.Ordinal));

    [Fact]
    public void Without_rules_only_bytes_are_checked()
    {
        var report = CaptureFile.Check(CaptureCorpus.Find("iser-loss2.pcap"), checksRules: false, isComplete: false);
        Assert.Equal((0, 0), (report.ViolationCount, report.NoteCount));
        Assert.False(report.HasProblems(allowDamaged: false));
    }

    [Fact]
    public void Damaged_frames_fail_a_check_unless_they_are_allowed()
    {
        var report = CaptureCorpus.Report("iser-corrupt.pcap");
        Assert.True(report.HasProblems(allowDamaged: false));
        Assert.False(report.HasProblems(allowDamaged: true));
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("0102", "no capture file: 2 bytes are no capture file")]
    [InlineData("48656c6c6f2c20776f726c64", "no capture file: first bytes 48656C6C are neither pcap nor pcapng")]
    public void A_file_that_is_no_capture_is_refused_with_its_reason(string hex, string reason) =>
        Assert.StartsWith(reason, CaptureCheck.Run(new MemoryStream(Convert.FromHexString(hex)), "x").Unreadable);

    [Fact]
    public void A_file_that_breaks_off_keeps_what_was_read_and_says_where()
    {
        var bytes = File.ReadAllBytes(CaptureCorpus.Find("rping.pcap").FullName);
        var report = CaptureCheck.Run(new MemoryStream(bytes[..^20]), "cut");
        Assert.Equal(42, report.Counts.Frames);
        Assert.Contains("broken after 42 packets", report.Unreadable);
        Assert.True(report.HasProblems(allowDamaged: true));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Equal("no such file", CaptureFile.Check(new FileInfo(Path.Combine(Path.GetTempPath(), "weft-no-such.pcap")), true, false).Unreadable);

    internal static void Approve(string name, string text)
    {
        var folder = CaptureCorpus.Metadata("ApprovedFolder");
        var path = Path.Combine(folder, name);
        var approved = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (approved == text) return;
        File.WriteAllText(Path.Combine(folder, Path.ChangeExtension(name, ".received.txt")), text);
        Assert.Equal(approved, text);
    }
}
