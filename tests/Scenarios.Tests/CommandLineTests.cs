namespace Weft.Scenarios.Tests;

public class CommandLineTests
{
    [Theory]
    [InlineData("did you mean 'login-before-established'", "run", "login-before-establishd")]
    [InlineData("no setting 'losss'", "run", "rping", "--set", "losss=1")]
    [InlineData("takes a whole number from 0 to 1000000", "run", "rping", "--set", "loss=-1")]
    [InlineData("is not a budget", "explore", "rping", "--budget", "soon")]
    [InlineData("is not a strategy", "explore", "rping", "--strategy", "random,luck")]
    [InlineData("or --all", "explore")]
    [InlineData("or --all", "explore", "rping", "--all")]
    [InlineData("no scenario has a setting 'losss'", "explore", "--all", "--set", "losss=1")]
    [InlineData("abort-vs-completion: 'loss=x': loss takes a whole number", "explore", "--all", "--set", "loss=x")]
    [InlineData("named after its scenario", "explore", "--all", "--save", "x.choices")]
    [InlineData("cannot read missing.choices", "replay", "missing.choices")]
    [InlineData("there is no network interface 'nosuch0'", "rping", "-c", "-a", "10.0.0.1", "--link", "eth:nosuch0", "--address", "10.0.0.2/24")]
    [InlineData("is not a link", "rping", "-c", "-a", "10.0.0.1", "--link", "tape", "--address", "10.0.0.2/24")]
    [InlineData("is not an address", "serve", "--lun", "ram:1M", "--link", "unix:a,b", "--address", "ten")]
    public void A_wrong_word_is_named_with_its_remedy_and_the_exit_code_is_2(string said, params string[] arguments)
    {
        var (code, _, error) = WeftProgram.Run(arguments);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Equal(2, code);
    }

    [Theory]
    [InlineData("weft-choices 1\nscenario rping\nseed 0x1\nopen delivery\nchoices 1\nnonsense\n", "line 6")]
    [InlineData("weft-choices 99\n", "line 1")]
    [InlineData("weft-choices 1\nscenario no-such\nseed 0x1\nopen\nchoices 0\n", "no scenario 'no-such'")]
    public void A_choice_log_that_cannot_be_read_says_where(string text, string said)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, text);
        var (code, _, error) = WeftProgram.Run("replay", file);
        File.Delete(file);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Equal(2, code);
    }

    [Fact]
    public void Every_command_has_help_with_an_example()
    {
        foreach (var command in new[] { "list", "run", "explore", "replay", "shrink", "rping", "pingpong", "pingpong srq", "perf", "perf send_bw", "perf atomic_lat", "udaddy", "devices", "serve", "capture check", "capture show", "capture timeline" })
        {
            var (code, output, _) = WeftProgram.Run([.. command.Split(' '), "--help"]);
            Assert.Equal(0, code);
            Assert.Contains($"weft {command}", output, StringComparison.Ordinal);
            Assert.Contains("Examples:", output, StringComparison.Ordinal);
        }
    }
}
