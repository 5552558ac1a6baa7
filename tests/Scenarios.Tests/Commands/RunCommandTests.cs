namespace Weft.Scenarios.Tests.Commands;

public sealed class RunCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("weft-run");

    public void Dispose() => folder.Delete(recursive: true);

    private string Name(string file) => Path.Combine(folder.FullName, file);

    [Fact]
    public void A_run_writes_choices_that_make_the_same_run_again_byte_for_byte()
    {
        var first = WeftProgram.Run("run", "abort-vs-completion", "--seed", "9", "--set", "loss=30000", "--choices", Name("a.choices"), "--capture", Name("a.pcapng"), "--timeline", Name("a.svg"));
        Assert.True(first.ExitCode == 0, first.Output + first.Error);
        var again = WeftProgram.Run("replay", Name("a.choices"), "--capture", Name("b.pcapng"), "--timeline", Name("b.svg"));
        Assert.True(again.ExitCode == 0, again.Output + again.Error);
        Assert.True(File.ReadAllBytes(Name("a.pcapng")).AsSpan().SequenceEqual(File.ReadAllBytes(Name("b.pcapng"))), "the same capture");
        Assert.Equal(File.ReadAllText(Name("a.svg")), File.ReadAllText(Name("b.svg")));
        Assert.Contains("choices:  ", first.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_does_not_fit_says_at_which_choice()
    {
        WeftProgram.Run("run", "abort-vs-completion", "--seed", "9", "--choices", Name("a.choices"));
        File.WriteAllText(Name("b.choices"), File.ReadAllText(Name("a.choices")).Replace("fault user 12", "fault user 11", StringComparison.Ordinal));
        var (code, _, error) = WeftProgram.Run("replay", Name("b.choices"));
        Assert.Equal(2, code);
        Assert.Contains("b.choices does not fit this program: choice 1 of", error, StringComparison.Ordinal);
        Assert.Contains("asked is fault user, 12 alternatives", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("capture.svg", "<svg ")]
    [InlineData("capture.html", "<!doctype html>")]
    [InlineData("capture.txt", "o------------>|")]
    public void A_capture_of_a_real_network_is_drawn(string file, string holds)
    {
        var (code, output, error) = WeftProgram.Run("capture", "timeline", Captures.CaptureCorpus.Find("iser-basic.pcap").FullName, "--output", Name(file));
        Assert.True(code == 0, output + error);
        var text = File.ReadAllText(Name(file));
        Assert.Contains(holds, text, StringComparison.Ordinal);
        Assert.Contains("CM REQ", text, StringComparison.Ordinal);
        Assert.Contains("iSER Login", text, StringComparison.Ordinal);
    }
}
