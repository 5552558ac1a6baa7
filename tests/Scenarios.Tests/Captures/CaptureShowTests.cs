using Weft.Scenarios.Captures;

namespace Weft.Scenarios.Tests.Captures;

public sealed class CaptureShowTests
{
    [Theory]
    [InlineData("iser-discovery.pcap")]
    [InlineData("iser-chap-mutual-fail.pcap")]
    [InlineData("srp-rej-imm64k.pcap")]
    [InlineData("rping.pcap")]
    public void Lines_are_the_approved_ones(string name) =>
        CaptureCheckTests.Approve($"show-{Path.GetFileNameWithoutExtension(name)}.txt", string.Concat(Lines(name).Select(m => m.Line.TrimEnd() + "\n")));

    [Fact]
    public void Every_capture_is_told_to_its_end_and_nothing_in_it_stays_unread()
    {
        foreach (var file in CaptureCorpus.Files)
        {
            var lines = Lines(file.Name);
            Assert.NotEmpty(lines);
            Assert.DoesNotContain(lines, m => m.Text.Contains("not read", StringComparison.Ordinal));
            // The check counts the same messages as are told.
            var report = CaptureCorpus.Report(file.Name);
            Assert.Equal(report.Counts.Iser, lines.Count(m => m.Text.StartsWith("iSER", StringComparison.Ordinal)));
            Assert.Equal(report.Counts.Srp, lines.Count(m => m.Text.StartsWith("SRP", StringComparison.Ordinal)));
            Assert.Equal(report.Counts.Cm, lines.Count(m => m.Text.StartsWith("CM ", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void A_message_of_several_packets_is_one_line_with_all_its_PSNs()
    {
        var write = Lines("srp-basic.pcap").First(m => m.Text.Contains("Immediate 4096", StringComparison.Ordinal));
        Assert.Equal(4, write.Last!.Value - write.First!.Value);
        var response = Lines("iser-large.pcap").First(m => m.Text.StartsWith("RDMA READ response", StringComparison.Ordinal) && m.Last != m.First);
        Assert.True(response.Last!.Value - response.First!.Value > 1);
    }

    [Fact]
    public void Showing_ends_when_no_more_is_wanted()
    {
        var left = 3;
        using var stream = CaptureCorpus.Find("iser-basic.pcap").OpenRead();
        Assert.Null(CaptureShow.Run(stream, _ => --left > 0));
        Assert.Equal(0, left);
    }

    private static List<ShownMessage> Lines(string name)
    {
        var lines = new List<ShownMessage>();
        using var stream = CaptureCorpus.Find(name).OpenRead();
        Assert.Null(CaptureShow.Run(stream, m =>
        {
            lines.Add(m);
            return true;
        }));
        return lines;
    }
}
