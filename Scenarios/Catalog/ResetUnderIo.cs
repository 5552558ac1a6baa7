using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Initiator.Commands;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog;

/// <summary>Logical unit and target are reset again and again under verified I/O.</summary>
internal sealed class ResetUnderIo : Scenario
{
    private static readonly Setting Commands = new("commands", 60, 1, 1_000_000, "commands", "Commands of the load.");
    private static readonly Setting Resets = new("resets", 3, 1, 10_000, "resets", "Resets during the load.");
    private static readonly Setting Moments = new("moments", 12, 1, 1000, "moments", "Moments at which each may come, 3 microseconds apart.");

    public override string Name => "reset-under-io";
    public override string Claim => "Resets under load lose no acknowledged write and bring back no old block; every command ends once, by its answer or by the reset.";
    public override string Source => "SAM-5 7.7, 7.10; historical-races 39 (blktests srp/014)";
    public override int Weight => 20;
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, Resets, Moments, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) => OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Fault), Duration.Zero);

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await IserScene.BeginAsync(world, new() { Timing = StoreTiming.AnyOrder(latency: Duration.FromMicroseconds(3)), Blocks = 4096 });
        var shadow = new ShadowDisk(4096, (int)IserScene.BlockLength);
        var load = new MixedLoad(world, scene.Commands, shadow, scene.Disk) { Retries = 5, MayBeCutOff = true };
        var done = 0;
        var resets = (int)world.Settings.Get(Resets);
        async Task ResetAsync()
        {
            for (var i = 0; i < resets; i++)
            {
                await world.Delay(Duration.FromMicroseconds(3 * (1 + world.Chooser.Choose((int)world.Settings.Get(Moments), new(ChoiceKind.Fault, "when")))));
                var all = world.Chooser.Choose(2, new(ChoiceKind.Fault, "what is reset")) == 1;
                var outcome = all ? await scene.Session.ResetTargetAsync() : await scene.Disk.ResetAsync();
                world.Claim(outcome is TaskManagementOutcome.Complete || world.Network.MayCutConnections, "reset", "RFC 7143 11.5", $"the reset is carried out, and ended with {outcome}");
                done++;
            }
        }
        world.Watch(ResetAsync());
        await load.RunAsync((int)world.Settings.Get(Commands), depth: 16);
        await world.World.Until(() => done == resets, "the resets to end", NetworkConduct.Patience);
        world.World.CloseOrder();
        world.Saw(load.CutOff == 0 ? "every command answered, at once or when it was sent again" : "commands ended by a reset");
        scene.Commands.ClaimAllEnded();
        await load.VerifyAsync();
        world.Claim(world.Network.LivesOn(scene.Session), "lives-on", Source, $"a reset costs no connection, and the session is {scene.Session.State} after {scene.Session.Logins} logins");
    }
}
