using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog;

/// <summary>Between two leaf switches one of two spines dies, or the cable of a host comes loose for a moment, in the middle of verified I/O.</summary>
internal sealed class SpineDies : Scenario
{
    private static readonly Setting Commands = new("commands", 80, 1, 1_000_000, "commands", "Commands of the load.");
    private static readonly Setting Moments = new("moments", 12, 1, 1000, "moments", "Moments at which it may happen, 10 microseconds apart.");
    private static readonly Setting Loose = new("loose", 200, 1, 1000, "ms", "How long the cable is loose.");

    /// <summary>Far less than the time after which the manager looks by itself.</summary>
    private static readonly Duration ByTrap = Duration.FromSeconds(1);

    public override string Name => "spine-dies";
    public override string Claim => "The manager hears of a switch that dies and of a cable that comes loose, routes round it or brings it up again, and the connection lives on: no login, each command once, data intact.";
    public override string Source => "IBA 14.4.3 (traps), 9.7.5 (retries)";
    public override int Weight => 30;
    public override IReadOnlyList<Setting> Settings { get; } = [Commands, Moments, Loose, .. CommonSettings.InfiniBandLinks];

    public override OrderOptions Order(Settings settings) => OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Fault), Duration.Zero);

    public override async Task RunAsync(ScenarioWorld world)
    {
        var subnet = world.UseSubnet(new(Leaves: 2, Spines: 2, Manager: new(), SwitchPorts: SubnetShape.FewPorts));
        var scene = await IserScene.BeginAsync(world, new() { Timing = StoreTiming.AnyOrder(latency: Duration.FromMicroseconds(3)), Blocks = 4096 });
        var shadow = new ShadowDisk(4096, (int)IserScene.BlockLength);
        var load = new MixedLoad(world, scene.Commands, shadow, scene.Disk) { Retries = 5 };
        var way = world.Chooser.Choose(3, new(ChoiceKind.Fault, "what happens"));
        var moment = Duration.FromMicroseconds(10 * (1 + world.Chooser.Choose((int)world.Settings.Get(Moments), new(ChoiceKind.Fault, "when"))));
        var manager = subnet.Manager!;
        var (failed, swept) = (Instant.Never, Instant.Never);
        manager.Changed += _ => swept = swept.IsNever && !failed.IsNever ? world.Now : swept;
        world.World.Faults.At(world.Now + moment, "something fails", () =>
        {
            failed = world.Now;
            if (way < 2)
            {
                subnet.Spines[way].Node.Kill();
                return;
            }
            var cable = scene.InitiatorHost.Link;
            cable.SetUp(false);
            world.World.Faults.At(world.Now + Duration.FromMilliseconds(world.Settings.Get(Loose)), "cable back", () => cable.SetUp(true));
        });
        await load.RunAsync((int)world.Settings.Get(Commands), depth: 16);
        world.CloseOrder();
        await world.ClaimWithin(Duration.FromSeconds(30), () => !swept.IsNever, "sweep", "IBA 14.4.3", "the manager sweeps after the change");
        world.Claim(world.Network.InTime(swept - failed, Duration.Zero, ByTrap), "sweep", "IBA 14.4.3", $"the manager hears of the change by a trap, and sweeps at once, but that took {swept - failed}");
        world.Claim(scene.Session is { State: SessionState.LoggedIn, Logins: 1 } || world.Network.LivesOn(scene.Session), "connection-lives", Source,
            $"the connection outlives it, but there were {scene.Session.Logins} logins");
        world.Saw(((string[])["the first spine died", "the second spine died", "the cable was loose"])[way]);
        scene.Commands.ClaimAllEnded();
        await load.VerifyAsync();
    }
}
