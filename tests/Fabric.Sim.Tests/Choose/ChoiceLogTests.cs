using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim.Tests.Choose;

public sealed class ChoiceLogTests
{
    private static readonly ChoiceLog Example = new()
    {
        Scenario = "login-before-established",
        Settings = [new("loss", "5%"), new("note", "a = b")],
        Seed = 0x9F3A21C07B5E44D1,
        Open = ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Loss, ChoiceKind.Value),
        Choices =
        [
            new(ChoiceKind.Dispatch, "h1", 2, 0), new(ChoiceKind.Dispatch, "h1", 3, 2), new(ChoiceKind.Loss, "link with blanks", 2, 1),
            new(ChoiceKind.Value, "h2", 0, 0, 24, 0xABCDEF), .. Enumerable.Repeat(new ChoiceRecord(ChoiceKind.Loss, "h1.p1>s1.p1", 2, 0), 57),
            new(ChoiceKind.Dispatch, "h2", 2, 1), new(ChoiceKind.Dispatch, "h2", 2, 0), new(ChoiceKind.Dispatch, "h2", 2, 0),
        ],
    };

    private const string Text = """
        weft-choices 1
        scenario login-before-established
        set loss=5%
        set note=a = b
        seed 0x9F3A21C07B5E44D1
        open dispatch loss value
        choices 62
        dispatch h1 2 0
        dispatch h1 3 2
        loss link with blanks 2 1
        value h2 24b 0xABCDEF
        zeros 57 
        dispatch h2 2 1

        """;

    [Fact]
    public void Is_a_small_text_that_reads_back()
    {
        var text = Example.ToString();
        var check = text.Split('\n').Single(line => line.StartsWith("zeros", StringComparison.Ordinal))[9..];
        Assert.Equal(8, check.Length);
        Assert.Equal(Text.Replace("zeros 57 ", $"zeros 57 {check}", StringComparison.Ordinal), text);
        Assert.True(ChoiceLog.TryParse(text, out var log, out var error), error);
        Assert.Equal((Example.Scenario, Example.Seed, Example.Open), (log.Scenario, log.Seed, log.Open));
        Assert.Equal(Example.Settings, log.Settings);
        Assert.Equal(text, log.ToString());
        Assert.Equal(text, Parse($"# a remark\r\n{text.Replace("\n", "\r\n", StringComparison.Ordinal)}\r\n").ToString());
    }

    [Fact]
    public void Replays_what_it_holds_and_zeros_afterwards()
    {
        var chooser = Parse(Example.ToString()).ToChooser();
        foreach (var choice in Example.Choices)
        {
            if (choice.IsDraw) Assert.Equal(choice.Value, chooser.Draw(choice.Bits, new(choice.Kind, choice.Subject)));
            else Assert.Equal(choice.Chosen, chooser.Choose(choice.Alternatives, new(choice.Kind, choice.Subject)));
        }
        Assert.Null(chooser.DescribeUnused());
        Assert.Equal(0, chooser.Choose(9, new(ChoiceKind.Fault, "anything")));
        Assert.Equal(0, chooser.Choose(1, new(ChoiceKind.Fault, "anything")));
    }

    [Fact]
    public void A_replay_that_does_not_fit_says_where_and_what()
    {
        var other = Parse(Example.ToString()).ToChooser();
        other.Choose(2, new(ChoiceKind.Dispatch, "h1"));
        var kind = Assert.Throws<ReplayMismatchException>(() => other.Choose(3, new(ChoiceKind.Timer, "h1")));
        Assert.Equal("choice 2 of 62 does not fit: recorded was dispatch h1, 3 alternatives (2 taken); asked is timer h1, 3 alternatives", kind.Message);
        Assert.Equal((1, "replay-mismatch"), (kind.Index, kind.Rule));
        Assert.Same(kind, other.Mismatch);
        Assert.Throws<ReplayMismatchException>(() => other.Choose(4, new(ChoiceKind.Dispatch, "h1")));
        Assert.Throws<ReplayMismatchException>(() => other.Choose(3, new(ChoiceKind.Dispatch, "h2")));
        Assert.Contains("a value of 8 bits", Assert.Throws<ReplayMismatchException>(() => other.Draw(8, new(ChoiceKind.Value, "h1"))).Message);
        Assert.Equal("the run ended after 1 of 62 recorded choices; the next one was: dispatch h1, 3 alternatives (2 taken)", other.DescribeUnused());
    }

    [Fact]
    public void A_run_of_zeros_is_checked_by_its_hash()
    {
        var chooser = Parse(Example.ToString()).ToChooser();
        foreach (var choice in Example.Choices.Take(4))
        {
            if (choice.IsDraw) chooser.Draw(choice.Bits, new(choice.Kind, choice.Subject));
            else chooser.Choose(choice.Alternatives, new(choice.Kind, choice.Subject));
        }
        for (var i = 0; i < 56; i++) Assert.Equal(0, chooser.Choose(i == 20 ? 3 : 2, new(ChoiceKind.Loss, "h1.p1>s1.p1")));
        var e = Assert.Throws<ReplayMismatchException>(() => chooser.Choose(2, new(ChoiceKind.Loss, "h1.p1>s1.p1")));
        Assert.StartsWith("choices 5 to 61 of 62 do not fit: recorded were 57 times alternative 0 of other questions", e.Message);
    }

    [Fact]
    public void A_lenient_replay_answers_by_place()
    {
        var chooser = Parse(Example.ToString()).ToChooser(isLenient: true);
        Assert.Equal(0, chooser.Choose(5, new(ChoiceKind.Timer, "x")));
        Assert.Equal(2, chooser.Choose(5, new(ChoiceKind.Timer, "x")));
        Assert.Equal(1, chooser.Choose(2, new(ChoiceKind.Timer, "x")));
        Assert.Equal(0xABCDEFUL, chooser.Draw(24, new(ChoiceKind.Value, "x")));
        for (var i = 0; i < 57; i++) Assert.Equal(0, chooser.Choose(2, new(ChoiceKind.Timer, "x")));
        Assert.Equal(0, chooser.Choose(1, new(ChoiceKind.Timer, "x")));
        Assert.Equal(1, chooser.Choose(2, new(ChoiceKind.Timer, "x")));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("hello", "line 1: not a choice log")]
    [InlineData("weft-choices 2", "line 1: version 2 is not known")]
    [InlineData("weft-choices 1\nscenario", "line 2: the scenario has no name")]
    [InlineData("weft-choices 1\nscenario a\nscenario b", "line 3: a second scenario")]
    [InlineData("weft-choices 1\nset x", "line 2: a setting must be KEY=VALUE")]
    [InlineData("weft-choices 1\nseed 12", "line 2: the seed must be")]
    [InlineData("weft-choices 1\nseed 0x12345678123456781", "line 2: the seed must be")]
    [InlineData("weft-choices 1\nopen dispatch sleep", "line 2: unknown kind of choice")]
    [InlineData("weft-choices 1\nchoices 1", "line 2: scenario, seed and open must come before")]
    [InlineData("weft-choices 1\nscenario a\nseed 0x1\nopen none\nchoices -1", "line 5: the number of choices")]
    [InlineData("weft-choices 1\nscenario a\nseed 0x1\nopen none\nchoices 99999999", "line 5: the number of choices")]
    [InlineData("weft-choices 1\nbanana 7", "line 2: unknown line \"banana\"")]
    [InlineData("weft-choices 1\nscenario a\nseed 0x1\nopen none", "the header ends")]
    [InlineData("H2", "the text ends after 0 of 2 choices")]
    [InlineData("H2\nsleep h1 2 0", "line 6: unknown kind of choice \"sleep\"")]
    [InlineData("H2\ndispatch h1 2", "line 6: a choice must be KIND SUBJECT")]
    [InlineData("H2\ndispatch h1 2 2", "line 6: the choice must be 0 to 1")]
    [InlineData("H2\ndispatch h1 1 0", "line 6: the number of alternatives must be 2")]
    [InlineData("H2\nvalue h1 65b 0x0", "line 6: a draw has 1 to 64 bits")]
    [InlineData("H2\nvalue h1 4b 0x10", "line 6: \"0x10\" is no value of 4 bits")]
    [InlineData("H2\nzeros 3 00000000", "line 6: 3 zeros are more than the 2 choices that are left")]
    [InlineData("H2\nzeros 2 xyz", "line 6: a run of zeros needs a check")]
    [InlineData("H2\ndispatch h1 2 0\ndispatch h1 2 0\ndispatch h1 2 0", "line 8: more than the 2 choices announced")]
    public void Errors_name_the_line(string text, string expected)
    {
        text = text.Replace("H2", "weft-choices 1\nscenario a\nseed 0x1\nopen none\nchoices 2", StringComparison.Ordinal);
        Assert.False(ChoiceLog.TryParse(text, out _, out var error));
        Assert.StartsWith(expected, error);
    }

    [Fact]
    public void Whatever_the_text_the_parser_answers()
    {
        var valid = Example.ToString();
        const string Letters = "weft-choices 01abx=#\n\r dispatchzeros9é\0";
        var state = 1UL;
        int read = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var text = Next(3) == 0 ? [] : valid.ToCharArray().ToList();
            for (var edits = Next(6); edits >= 0; edits--)
            {
                var letter = Letters[Next(Letters.Length)];
                var at = Next(text.Count + 1);
                if (at == text.Count || Next(2) == 0) text.Insert(at, letter);
                else if (Next(2) == 0) text[at] = letter;
                else text.RemoveRange(at, Math.Min(Next(20), text.Count - at));
            }
            if (!ChoiceLog.TryParse(text.ToArray(), out var log, out var error))
            {
                Assert.NotEqual("", error);
                continue;
            }
            read++;
            Assert.True(ChoiceLog.TryParse(log.ToString(), out var again, out error), error);
            Assert.Equal(log.ToString(), again.ToString());
        }
        Assert.InRange(read, 100, 19_000);

        int Next(int n)
        {
            state = SplitMix.Mix(state);
            return (int)(state % (ulong)n);
        }
    }

    private static ChoiceLog Parse(string text)
    {
        Assert.True(ChoiceLog.TryParse(text, out var log, out var error), error);
        return log;
    }
}
