using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>The initiator logs out in the middle of its commands.</summary>
internal sealed class SrpLogoutQpUseAfterFree : Scenario
{
    private static readonly Setting Commands = new("commands", 4, 1, 12, "commands", "Commands under way at the logout.");

    public override string Name => "srp-logout-qp-use-after-free";
    public override string Claim => "A logout under load gives queue pair and CM id back once, in that order, when nothing uses them any more.";
    public override string Source => "historical-races 27 (SCST 6e55334a9)";
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, CommonSettings.Window with { Default = 1_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await SrpScene.BeginAsync(world);
        for (var i = 0; i < world.Settings.Get(Commands); i++) scene.Commands.Submit(scene.Disk, Cdb.Read((ulong)i, 16), new byte[8192]);
        var isOut = false;
        scene.DoAtInitiator("logout", 8, () => world.World.Watch(LogOutAsync()));
        await world.World.Until(() => isOut && scene.Target.Software.Channels.Count == 0, "the session to be gone at both ends", NetworkConduct.Patience);
        world.World.CloseOrder();
        scene.Commands.ClaimAllEnded();
        world.Claim(world.Network.CountsConnections(scene.Ledger.Released, 1), "freed-once", Source, $"the channel is given back once, and {scene.Ledger.Released} were");
        scene.Ledger.ClaimBalance(world, Source, before: 1);
        var resources = scene.Target.Host.Device.Resources;
        world.Claim(resources is { QueuePairs: 0, CompletionQueues: 0, CmIds: 1 }, "given-back", Source, $"the target has its listener left and nothing of the channel, but has {resources}");

        async Task LogOutAsync()
        {
            await scene.Session.LogoutAsync();
            isOut = true;
        }
    }
}
