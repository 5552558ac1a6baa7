using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>
/// The completion queue is not looked at for so long that the connection's last event, the end of its time wait, comes first. Good completions
/// are still in it.
/// </summary>
internal sealed class SrpTimewaitExitBeforePoll : Scenario
{
    public override string Name => "srp-timewait-exit-before-poll";
    public override string Claim => "Completions that a connection's last events overtook are processed all the same, and the channel is given back once, after them.";
    public override string Source => "IBA 12.9.8.4; historical-races 22 (SCST 807ae45a7)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 60_000_000_000, Maximum = 100_000_000_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await SrpScene.BeginAsync(world);
        var command = scene.Commands.Submit(scene.Disk, Cdb.Read(0, 8), new byte[4096]);
        await world.World.Delay(Duration.FromMicroseconds(50));
        await scene.Session.LogoutAsync();
        await world.World.Until(() => scene.Ledger.Released > 0, "the channel to be given back", NetworkConduct.Patience);
        world.World.CloseOrder();
        world.Saw($"{command.Outcome}");
        scene.Commands.ClaimAllEnded();
        scene.Ledger.ClaimBalance(world, Source, before: 1);
    }
}
