using System.Runtime.CompilerServices;
using Weft.Protocol.Mad;
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

    /// <summary>What the real OpenSM, saquery and perfquery sent on a served subnet, and what they were answered.</summary>
    [Fact]
    public void Management_datagrams_are_named() =>
        CaptureCheckTests.Approve("show-opensm-star4.txt", string.Concat(Lines(new FileInfo(Served())).Select(m => m.Line.TrimEnd() + "\n")));

    private static string Served([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "data", "subnet", "opensm-star4.pcapng");

    [Fact]
    public void A_datagram_of_no_known_class_is_not_named_and_what_is_unknown_in_a_known_one_is_numbered()
    {
        var mad = new byte[MadHeader.MadLength];
        string? Describe(MadClass c, MadMethod method, ushort attribute, ushort status = 0)
        {
            new MadHeader(c, 1, method, attribute, 0x12, Status: status).Write(mad);
            return MadText.Describe(mad);
        }

        Assert.Null(Describe(MadClass.Vendor9, MadMethod.Get, 0x10));
        Assert.Null(MadText.Describe(mad.AsSpan(1)));
        Assert.Equal("DevMgtGet(IoUnitInfo) TID 12", Describe(MadClass.DeviceManagement, MadMethod.Get, 0x10));
        Assert.Equal("PerformanceMethod0x7f(0x9999) TID 12 status 0x000c", Describe(MadClass.Performance, (MadMethod)0x7F, 0x9999, 0x000C));
        mad[24] = 1; // RMPP version, then type data, flags active, first and last, segment 1
        (mad[25], mad[26], mad[31]) = (1, 0x07, 1);
        Assert.Equal("SubnAdmGetTableResp(PathRecord) RMPP Data 1, the last TID 12", Describe(MadClass.SubnetAdministration, MadMethod.GetTableResponse, 0x35));
    }

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

    private static List<ShownMessage> Lines(string name) => Lines(CaptureCorpus.Find(name));

    private static List<ShownMessage> Lines(FileInfo file)
    {
        var lines = new List<ShownMessage>();
        using var stream = file.OpenRead();
        Assert.Null(CaptureShow.Run(stream, m =>
        {
            lines.Add(m);
            return true;
        }));
        return lines;
    }
}
