using Weft.Fabric.Sim;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Commands;
using Weft.Scenarios.Runner;
using Weft.Scenarios.Timelines;

namespace Weft.Scenarios.Tests.Timelines;

public class DrawnRunTests
{
    private static Timeline Draw(string name, ulong seed, out RunResult result, params string[] set)
    {
        var scenario = ScenarioCatalog.Find(name)!;
        return DrawnRun.Make(scenario, Settings.TryCreate(scenario.Settings, set, out _)!, seed, null, null, out result);
    }

    private static List<TimelineMessage> Messages(Timeline timeline) =>
        [.. timeline.Rows(withMinor: true, int.MaxValue, out _).Where(r => r.Sends is not null).Select(r => r.Sends!)];

    [Fact]
    public void A_login_is_told_in_the_terms_of_its_protocols()
    {
        var timeline = Draw("iser-basic", 1, out var result);
        Assert.True(result.HasPassed, result.Reason);
        Assert.Equal(["initiator", "target"], timeline.Columns.Order());
        var messages = Messages(timeline);
        Assert.All(messages, m => Assert.True(m.Arrived > m.Sent && m.Trouble.Length == 0 && m.From != m.To));
        string[] story = ["CM REQ", "CM REP", "CM RTU", "iSER Login ", "iSER Login Response"];
        Assert.Equal(story.Length, messages.Where(m => !m.IsMinor).Take(story.Length).Zip(story).Count(p => p.First.Text.StartsWith(p.Second, StringComparison.Ordinal)));
        Assert.Contains(messages, m => m.IsMinor && m.Text.StartsWith("ACK", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_network_does_to_frames_is_drawn()
    {
        var messages = Messages(Draw("rping", 3, out var result, "count=100", "loss=30000", "corruption=30000", "duplication=30000"));
        Assert.True(result.HasPassed, result.Reason);
        var lost = messages.Count(m => m.Trouble == "lost");
        var damaged = messages.Count(m => m.Trouble == "damaged on its way");
        Assert.InRange(lost + damaged, 1, result.Statistics.FramesLost);
        Assert.True(damaged > 0 && lost > 0, $"{lost} lost, {damaged} damaged");
        Assert.Contains(messages, m => m.Trouble == "a copy that the network made");
        Assert.All(messages.Where(m => m.Trouble == "lost"), m => Assert.Null(m.Arrived));
    }

    [Fact]
    public void Watching_changes_nothing()
    {
        var scenario = ScenarioCatalog.Find("abort-vs-completion")!;
        var settings = Settings.TryCreate(scenario.Settings, ["loss=50000"], out _)!;
        var plain = ScenarioRunner.Run(scenario, new RunRequest { Settings = settings, Seed = 5 });
        DrawnRun.Make(scenario, settings, 5, null, null, out var watched);
        Assert.Equal(plain.Statistics, watched.Statistics);
    }
}
