using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator.Srp;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>The cable is pulled under I/O, and the target is removed a little later.</summary>
internal sealed class SrpCablePullThenUnload : Scenario
{
    private static readonly Setting Sessions = new("sessions", 2, 1, 16, "sessions", "Sessions whose initiators vanish.");

    public override string Name => "srp-cable-pull-then-unload";
    public override string Claim => "A target whose cable was pulled stops at once: it waits for no peer and no time wait.";
    public override string Source => "historical-races 28 (SCST 8995f1c24, 3f76f4e79)";
    public override IReadOnlyList<Setting> Settings { get; } = [Sessions, CommonSettings.Window with { Default = 1_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        world.World.CloseOrder();
        var target = SrpTargetNode.Add(world);
        var options = new SrpOptions { ReconnectDelay = Duration.FromSeconds(5), FastIoFailTimeout = Duration.FromSeconds(15), DeviceLossTimeout = Duration.FromSeconds(60) };
        var commands = new CommandLedger(world);
        for (var i = 1; i <= world.Settings.Get(Sessions); i++)
        {
            var initiator = world.AddInitiator($"initiator{i}");
            var session = await world.ClaimLogin(() => initiator.LoginAsync(target.Address(), options), "login", "SRP r16a 5.1");
            await world.ClaimDone(async () => await session.OpenDisk(0).ReadCapacityAsync(), "login", "SRP r16a 5.1");
            commands.Submit(session.OpenDisk(0), Cdb.Read(0, 64), new byte[32768]);
        }
        var ledger = new SrpLedger(target);
        var before = target.Software.Channels.Count;
        world.Claim(world.Network.HasMeddled || before == world.Settings.Get(Sessions), "login", Source, $"each session has a channel, and there are {before}");
        world.World.OpenOrder();
        SrpScene.Do(target.Host, "pull", 4, () => target.Host.Link.SetUp(false));
        var (isStopped, began, ended) = (false, Instant.Zero, Instant.Zero);
        SrpScene.Do(target.Host, "unload", 12, () =>
        {
            began = target.Host.Node.Now;
            target.Software.Stop(() => (isStopped, ended) = (true, target.Host.Node.Now));
        });
        await world.ClaimWithin(Duration.FromSeconds(30), () => isStopped, "stops-at-once", Source, "the target stops");
        world.World.CloseOrder();
        world.Claim(ended - began < Duration.FromMilliseconds(1), "stops-at-once", Source, $"the target stops at once, and took {ended - began}");
        ledger.ClaimBalance(world, Source, before);
        target.Host.Link.SetUp(true);
        await world.World.Until(() => commands.IsEmpty, "the commands to fail", NetworkConduct.Patience);
    }
}
