using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Tests.Commands;

/// <summary>Breaks its claim when a choice says so, after a login.</summary>
internal sealed class FailingScenario : Scenario
{
    public override string Name => "failing";
    public override string Claim => "The dice never show two.";
    public override string Source => "nowhere 1.2";
    public override IReadOnlyList<Setting> Settings => CommonSettings.Links;
    public override OrderOptions Order(Settings settings) => OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Fault), Duration.Zero);

    public override async Task RunAsync(ScenarioWorld world)
    {
        var target = world.AddTarget();
        var session = await world.AddInitiator().LoginAsync(TargetNode.TargetName, target.Endpoint);
        var shown = world.World.Chooser.Choose(3, new(ChoiceKind.Fault, "dice"));
        world.Claim(shown != 2, "dice", Source, $"the dice show {shown} <tag> & \"quotes\"");
        await session.LogoutAsync();
    }
}
