using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Management;
using Weft.Protocol.Mad.Smp;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Scenarios.Tools.Rping;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog;

/// <summary>Cables of two hosts come loose and back faster than the manager sweeps, each time with a trap, while others do verified I/O.</summary>
internal sealed class SmTrapStorm : Scenario
{
    private static readonly Setting Flaps = new("flaps", 100, 1, 10_000, "times", "How often each of two cables comes loose.");
    private static readonly Setting Interval = new("interval", 2000, 1, 1_000_000, "us", "How long a cable is loose, and how long it is plugged between; up to three times that.");
    private static readonly Setting Commands = new("commands", 40, 1, 1_000_000, "commands", "Commands of the load, which is repeated until the storm is over.");
    /// <summary>How often a manager acts on a trap of one node in a short time (its limit against storms), and sweeps that are none of the storm's.</summary>
    private const int SweepsPerNode = 10, OtherSweeps = 4;
    /// <summary>The manager looks by itself every ten seconds; then it sweeps.</summary>
    private static readonly Duration Converges = Duration.FromSeconds(12);

    /// <summary>A sweep meets links that are gone before it is over; it must not lose a second over each, or there are few sweeps in a storm.</summary>
    private static readonly ManagerOptions Quick = new() { ResponseTimeout = Duration.FromMilliseconds(5), Retries = 2 };

    public override string Name => "sm-trap-storm";
    public override string Claim => "While links flap faster than the manager sweeps, it does not sweep for every trap, I/O on other paths goes on, and when they rest the subnet converges to what is plugged.";
    public override string Source => "IBA 13.4.9, 14.3 (traps), 14.4.3 (sweeps); opensm sweeps on trap 128 and ignores babbling ports";
    public override int Weight => 60;
    public override IReadOnlyList<Setting> Settings { get; } = [Flaps, Interval, Commands, .. CommonSettings.InfiniBandLinks];

    public override OrderOptions Order(Settings settings) => OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Fault), Duration.Zero);

    public override async Task RunAsync(ScenarioWorld world)
    {
        var subnet = world.UseSubnet(new(Leaves: 2, Spines: 2, Manager: Quick, SwitchPorts: SubnetShape.FewPorts));
        var manager = subnet.Manager!;
        var scene = await IserScene.BeginAsync(world, new() { Timing = StoreTiming.AnyOrder(latency: Duration.FromMicroseconds(3)), Blocks = 4096 });
        ScenarioHost[] restless = [world.AddHost("restless1"), world.AddHost("restless2")]; // one on each leaf
        await world.ClaimWithin(Duration.FromSeconds(30), () => Array.TrueForAll(restless, IsActive), "sweep", Source, "the manager brings up hosts that are plugged later");
        // Their traps are another matter than the storm's.
        await world.Delay(Duration.FromSeconds(30));
        await world.Until(() => scene.Session.State == Initiator.SessionState.LoggedIn, "the session to be there", NetworkConduct.Patience);

        var load = new MixedLoad(world, scene.Commands, new(4096, (int)IserScene.BlockLength), scene.Disk) { Retries = 5 };
        var (sweeps, traps, ignored, retries, logins) = (manager.Sweeps, manager.Traps, manager.IgnoredTraps, scene.Session.Retries, scene.Session.Logins);
        var left = restless.Length;
        foreach (var host in restless) world.Watch(FlapAsync(host));
        while (left > 0)
        {
            await load.RunAsync((int)world.Settings.Get(Commands), depth: 8);
            await world.Delay(Duration.FromMilliseconds(10));
        }
        var calm = world.Now;
        await world.ClaimWithin(Converges, () => Array.TrueForAll(restless, IsActive), "converges", Source, "the links that are plugged in the end are active, and the manager is done");
        var during = manager.Sweeps - sweeps;
        world.CloseOrder();
        world.Saw(manager.IgnoredTraps > ignored ? "traps were ignored" : "every trap counted");
        world.Claim(manager.Traps > traps, "heard", Source, "the manager hears of a link that changes");
        var most = SweepsPerNode * subnet.Leaves.Count + OtherSweeps;
        world.Claim(during <= most || world.Network.HasMeddled, "bounded", Source, $"the manager sweeps at most {most} times for a storm, however many traps come, and did {during} times for {manager.Traps - traps} traps");
        world.Claim(world.Network.LivesOn(scene.Session, logins) && world.Network.Counts(scene.Session.Retries, retries), "untouched", Source,
            $"the I/O of others goes on: no login, no command sent again, and there were {scene.Session.Logins - logins} and {scene.Session.Retries - retries}");
        scene.Commands.ClaimAllEnded();
        await load.VerifyAsync();
        foreach (var host in restless) await ClaimReachesAsync(world, host, restless[0] == host ? restless[1] : restless[0]);
        world.Claim(world.Now - calm < NetworkConduct.Patience, "converges", Source, "all that is over in time");

        async Task FlapAsync(ScenarioHost host)
        {
            for (var flap = 0; flap < world.Settings.Get(Flaps); flap++)
            {
                host.Link.SetUp(false);
                await Pause();
                host.Link.SetUp(true);
                await Pause();
            }
            left--;
        }

        ValueTask Pause() => world.Delay(Duration.FromMicroseconds(world.Settings.Get(Interval) * (1 + world.Chooser.Choose(3, new(ChoiceKind.Fault, "how long")))));
    }

    private static bool IsActive(ScenarioHost host) => host.Adapter!.Model[1].Info.State == PortState.Active && host.Adapter.Model[1].Peer!.Info.State == PortState.Active;

    private async Task ClaimReachesAsync(ScenarioWorld world, ScenarioHost from, ScenarioHost to)
    {
        var failure = await RpingEnds.PingAsync(world, from, to, new(1, RpingOptions.MinSize));
        world.Claim(failure is null, "converges", Source, $"{from.Name} reaches {to.Name}, but: {failure}");
    }
}
