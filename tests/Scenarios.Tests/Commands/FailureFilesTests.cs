using System.Xml.Linq;
using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Sim.Explore;
using Weft.Scenarios.Commands;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Tests.Commands;

public sealed class FailureFilesTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("weft-failure");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_failure_leaves_choices_that_bring_it_back_a_capture_and_a_drawing_that_ends_with_the_broken_claim()
    {
        var scenario = new FailingScenario();
        var settings = Settings.TryCreate(scenario.Settings, [], out _)!;
        var explorer = Campaign.CreateExplorer(scenario, settings);
        var failure = explorer.Explore(new ExhaustiveStrategy(), new() { Budget = 10 }).Failures[0];
        var left = FailureFiles.Write(scenario, settings, failure, new(Path.Combine(folder.FullName, "it.choices")));

        Assert.Equal(["it.choices", "it.pcapng", "it.svg"], folder.GetFiles().Select(f => f.Name).Order());
        Assert.True(ChoiceLog.TryParse(File.ReadAllText(left.Choices.FullName), out var log, out var error), error);
        Assert.Equal("dice", explorer.Replay(log!.ToChooser(), log.Seed).Rule);
        Assert.True(left.Capture.Length > 1000);
        var text = string.Join('\n', XDocument.Load(left.Timeline.FullName).Root!.Elements().Select(e => e.Value));
        Assert.Contains("dice: the dice show 2 <tag> & \"quotes\" [nowhere 1.2]", text, StringComparison.Ordinal);
        Assert.Contains("choice 1, fault dice: alternative 2 of 0 to 2", text, StringComparison.Ordinal);
        Assert.Contains("FAILED  dice: the dice show 2", left.Drawing, StringComparison.Ordinal);
    }
}
