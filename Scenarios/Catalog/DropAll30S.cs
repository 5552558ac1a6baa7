using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog;

/// <summary>A gateway that drops everything for a while, then passes for a while, again and again, under verified I/O.</summary>
internal sealed class DropAll30S : Scenario
{
    private static readonly Setting Rounds = new("rounds", 3, 1, 50, "rounds", "How often the gateway drops everything.");
    private static readonly Setting Down = new("down", 30, 1, 600, "s", "How long it drops, and how long it passes then.");
    private static readonly Setting Commands = new("commands", 40, 1, 100_000, "commands", "Commands of each round.");
    private static readonly Setting Moments = new("moments", 12, 1, 1000, "moments", "Moments of each round at which it may begin, 10 microseconds apart.");

    public override string Name => "drop-all-30s";
    public override string Claim => "Through a network that is dead every other half minute all I/O completes, what was acknowledged is there, and no round leaves anything behind.";
    public override string Source => "RFC 7143 7.5; historical-races 54 (sahlberg/libiscsi#316)";
    public override int Weight => 40;
    public override IReadOnlyList<Setting> Settings { get; } = [Rounds, Down, Commands, Moments, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) => OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Fault), Duration.Zero);

    public override async Task RunAsync(ScenarioWorld world)
    {
        // As open-iscsi has them: a ping after 5 s, answered within 5 s, and 120 s for a session to come back.
        var scene = await IserScene.BeginAsync(world, new() { Timing = StoreTiming.AnyOrder(latency: Duration.FromMicroseconds(3)), Blocks = 4096 },
            new() { MaxCommands = 16, Timeouts = new SessionTimeouts() });
        var shadow = new ShadowDisk(4096, (int)IserScene.BlockLength);
        var load = new MixedLoad(world, scene.Commands, shadow, scene.Disk) { Retries = 5, MayBeCutOff = true };
        var down = Duration.FromSeconds(world.Settings.Get(Down));
        var link = scene.InitiatorHost.Link;
        // Registrations that are kept for the next command do not count; buffers that are lent do.
        var (atTarget, atInitiator) = (scene.Target.Host.Device, scene.InitiatorHost.Device);
        string Held() => $"{atTarget.Resources.QueuePairs} QP, {atTarget.Resources.CmIds} CM ids, {scene.Target.Portal.LentBuffers} buffers at the target, "
            + $"{atInitiator.Resources.QueuePairs} QP, {atInitiator.Resources.CmIds} CM id at the initiator";
        const string One = "1 QP, 2 CM ids, 0 buffers at the target, 1 QP, 1 CM id at the initiator";
        for (var round = 1; round <= world.Settings.Get(Rounds); round++)
        {
            var moment = Duration.FromMicroseconds(10 * world.Chooser.Choose((int)world.Settings.Get(Moments), new(ChoiceKind.Fault, "when")));
            world.World.Faults.At(world.Now + moment, "everything is dropped", () => link.A.IsCut = link.B.IsCut = true);
            world.World.Faults.At(world.Now + moment + down, "everything passes", () => link.A.IsCut = link.B.IsCut = false);
            var over = world.Now + moment + down + down;
            await load.RunAsync((int)world.Settings.Get(Commands), depth: 16);
            await world.World.Until(() => !link.A.IsCut && world.Now >= over - down, "the gateway to pass again");
            await world.ClaimWithin(down + Duration.FromSeconds(100), () => scene.Session.State == SessionState.LoggedIn, "recovers", Source, $"the session recovers from round {round}");
            if (world.Now < over) await world.World.Delay(over - world.Now);
            await world.World.Until(() => scene.Target.Software.Connections.Count == 1, "the lost connection to be given back", NetworkConduct.Patience);
            await world.ClaimWithin(Duration.FromSeconds(1), () => Held() == One, "grows", Source, $"round {round} leaves nothing behind: held is {One}, and {Held()}");
        }
        world.World.CloseOrder();
        world.Saw($"{(load.CutOff == 0 ? "every command answered" : "commands cut off")} in {scene.Session.Logins} logins");
        scene.Commands.ClaimAllEnded();
        await load.VerifyAsync();
        scene.Ledger.ClaimBalance(world, Source);
    }
}
