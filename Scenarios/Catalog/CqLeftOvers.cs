using Weft.Fabric.Engine;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog;

/// <summary>A completion comes between the last look at a queue and the request to be told of more: nobody tells of it.</summary>
internal sealed class CqLeftOvers : Scenario
{
    private static readonly Setting Commands = new("commands", 2, 1, 16, "commands", "Commands under way.");

    public override string Name => "cq-left-overs";
    public override string Claim => "A completion between poll and arm is always consumed, and so are several that share one event.";
    public override string Source => "IBA 11.4.2.2; historical-races 47 (rdma-core cd6c61c4a)";
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, CommonSettings.Window with { Default = 300 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await IserScene.BeginAsync(world, new() { Host = new() { Engine = new EngineLimits { LateCompletions = true } } });
        for (var i = 0u; i < world.Settings.Get(Commands); i++) scene.Commands.Submit(scene.Disk, Cdb.Read(i, 1), new byte[IserScene.BlockLength]);
        await world.ClaimWithin(Duration.FromSeconds(20), () => scene.Commands.IsEmpty, "left-over", Source, "all commands are answered, so no completion was left in its queue");
        world.World.CloseOrder();
        world.Saw("all answered");
        world.Claim(world.Network.LivesOn(scene.Session), "session-lives", Source, $"the session goes on, but is {scene.Session.State} and logged in {scene.Session.Logins} times");
    }
}
