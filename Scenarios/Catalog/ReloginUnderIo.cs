using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>The connection is lost in the middle of verified I/O, in several ways; the session logs in again and the load goes on.</summary>
internal sealed class ReloginUnderIo : Scenario
{
    private static readonly Setting Commands = new("commands", 80, 1, 1_000_000, "commands", "Commands of the load.");
    private static readonly Setting Down = new("down", 60_000, 1, 600_000, "ms", "How long the link is down: long enough that the connection is lost.");
    private static readonly Setting Moments = new("moments", 12, 1, 1000, "moments", "Moments at which it may happen, 10 microseconds apart.");

    public override string Name => "relogin-under-io";
    public override string Claim => "When the connection is lost in the middle of I/O the session recovers: acknowledged data are intact, each command ends once, nothing leaks.";
    public override string Source => "RFC 7143 7.5; historical-races 39, 40 (blktests srp/002-004, 011)";
    public override int Weight => 30;
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, Down, Moments, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) => OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Fault), Duration.Zero);

    public override async Task RunAsync(ScenarioWorld world)
    {
        await world.UseManagedSubnetAsync();
        var scene = await IserScene.BeginAsync(world, new() { Timing = StoreTiming.AnyOrder(latency: Duration.FromMicroseconds(3)), Blocks = 4096 });
        var shadow = new ShadowDisk(4096, (int)IserScene.BlockLength);
        var load = new MixedLoad(world, scene.Commands, shadow, scene.Disk) { Retries = 5, MayBeCutOff = true };
        var chooser = world.World.Chooser;
        var way = chooser.Choose(4, new(ChoiceKind.Fault, "what happens"));
        var moment = Duration.FromMicroseconds(10 * (1 + chooser.Choose((int)world.Settings.Get(Moments), new(ChoiceKind.Fault, "when"))));
        var link = scene.InitiatorHost.Link;
        world.World.Faults.At(world.Now + moment, "connection lost", () =>
        {
            switch (way)
            {
                case 0:
                    scene.Connection.Close(CloseReason.Administrative);
                    break;
                case 1:
                    scene.Session.DropConnection("the user said so");
                    break;
                case 2:
                    link.SetUp(false);
                    world.World.Faults.At(world.Now + Duration.FromMilliseconds(world.Settings.Get(Down)), "link up", () => link.SetUp(true));
                    break;
                default:
                    link.A.IsCut = link.B.IsCut = true; // silent: no link event
                    world.World.Faults.At(world.Now + Duration.FromMilliseconds(world.Settings.Get(Down)), "healed", () => link.A.IsCut = link.B.IsCut = false);
                    break;
            }
        });
        var logins = scene.Session.Logins;
        // On a fast link the load is over before anything happens, and a session without traffic does not notice a silent cut.
        do await load.RunAsync((int)world.Settings.Get(Commands), depth: 16);
        while (scene.Session.State == SessionState.LoggedIn && scene.Session.Logins == logins);
        world.World.CloseOrder();
        await world.World.Until(() => link is { IsUp: true, A.IsCut: false } && scene.Session.State == SessionState.LoggedIn && scene.Session.Logins > logins, "the session to recover", Duration.FromSeconds(600));
        var names = (string[])["closed by the target", "dropped by the initiator", "link down", "silently cut"];
        world.Saw($"{names[way]}: {(load.CutOff == 0 ? "every command answered" : "a command cut off")}");
        scene.Commands.ClaimAllEnded();
        await load.VerifyAsync();
        await world.World.Until(() => scene.Target.Software.Connections.Count == 1, "the lost connection to be given back", Duration.FromSeconds(600));
        scene.Ledger.ClaimBalance(world, Source);
    }
}
