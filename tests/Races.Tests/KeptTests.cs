using Weft.Fabric.Sim.Choose;
using Weft.Races.Tests.ConnectionSetup;
using Weft.Scenarios.Commands;
using Weft.Scenarios.Runner;

namespace Weft.Races.Tests;

/// <summary>Schedules that once broke something: the product passes each, and the bug that made it worth keeping does not.</summary>
public class KeptTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Kept");

    private static readonly Dictionary<string, (Mutant Mutant, string Rule)> Bugs = new()
    {
        ["early-login"] = (new() { Connection = (p, id) => new ForgetsEarlyLogin(p, id) }, "one-response"),
        ["established-in-teardown"] = (new() { Connection = (p, id) => new TakesReferenceWhenEstablished(p, id) }, "freed-once"),
        ["unreachable-before-login-timeout"] = (new() { Connection = (p, id) => new ReturnsSlotTwice(p, id) }, "login-slots"),
    };

    public static TheoryData<string> Names => [.. Bugs.Keys];

    [Fact]
    public void Every_kept_schedule_has_its_bug() =>
        Assert.Equal(Bugs.Keys.Order(), Directory.GetFiles(Folder, "*.choices").Select(f => Path.GetFileNameWithoutExtension(f)!).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kept_schedule_is_harmless_to_the_product_and_breaks_the_bug(string name)
    {
        Assert.True(Choices.TryLoad(new(Path.Combine(Folder, $"{name}.choices")), out var log, out var scenario, out var settings, out var error), error);
        Assert.Equal(log.Open, scenario.Order(settings).Open);
        var product = Replay(scenario, settings, log, ScenarioParts.Product);
        Assert.True(product.HasPassed, product.ToString());
        Assert.Equal(Bugs[name].Rule, Replay(scenario, settings, log, Bugs[name].Mutant).Rule);
    }

    private static Fabric.Sim.RunResult Replay(Scenario scenario, Settings settings, ChoiceLog log, ScenarioParts parts) =>
        Campaign.CreateExplorer(scenario, settings, parts).Replay(log.ToChooser(), log.Seed);
}
