using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Cm;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Faults;
using Weft.Scenarios.Runner;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>The device has no room for the target's queue pair: less is asked for, down to a floor, and below that the login is refused.</summary>
internal sealed class QpCreateNoMem : Scenario
{
    private static readonly Duration Retry = Duration.FromSeconds(3);
    private static readonly Setting Refusals = new("refusals", 9, 1, 100, "refusals", "Creations that are refused, from none to one less than this: each number is tried.");
    private static readonly Setting Commands = new("commands", 64, 1, 10_000, "commands", "Reads at full depth afterwards, whatever the queue was cut down to.");

    public override string Name => "qp-create-nomem";
    public override string Claim => "A target that cannot have its queue pair asks for a smaller one; at the floor it refuses the login, leaves nothing behind, and takes the next.";
    public override string Source => "IBA 11.2.5.1; historical-races 16 (SCST srpt_create_ch_ib)";
    public override IReadOnlyList<Setting> Settings { get; } = [Refusals, Commands, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) => OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Fault), Duration.Zero);

    public override async Task RunAsync(ScenarioWorld world)
    {
        RefusingDevice? refusing = null;
        var target = world.AddTarget(options: new() { Host = new() { Wrap = device => refusing = new(device) } });
        var initiator = world.AddInitiator();
        var before = target.Host.Device.Resources;
        var rejections = target.Host.Port.Count("REJ", Wire.Cm(CmAttribute.Rej));
        var ledger = new TargetLedger(target);
        var refusals = world.Chooser.Choose((int)world.Settings.Get(Refusals), new(ChoiceKind.Fault, "refusals"));
        refusing!.CreationsRefused = refusals;

        var session = await world.ClaimLogin(initiator.LoginAsync(TargetNode.TargetName, target.Endpoint, new SessionOptions
        {
            Timeouts = new SessionTimeouts { PingInterval = Duration.Zero, Retry = Retry, InitialLoginRetries = refusals + 8 },
        }), "next-login", Source);
        world.World.CloseOrder();
        var gaveUp = ledger.Closings.Count(r => r == CloseReason.NotEstablished);
        world.Saw(gaveUp == 0 ? "a smaller queue pair, or the one that was wanted" : "refused at the floor");

        world.Claim(refusing.CreationsRefused == 0, "asks-again", Source, $"the target asks until it has one, and {refusing.CreationsRefused} refusals were not used");
        world.Claim(gaveUp < refusals || refusals == 0 || world.Network.HasMeddled, "asks-for-less", Source, $"{refusals} refusals are no {gaveUp} refused logins: each asks several times for less");
        world.Claim(world.Network.CountsMessages(rejections.Matched, gaveUp), "refused", "IBA 12.9.8.3", $"each login that was given up is rejected: {gaveUp}, and were {rejections.Matched}");
        ledger.ClaimBalance(world, Source);

        // A short send queue slows the target down; it loses nothing.
        var commands = new Checks.CommandLedger(world);
        var disk = session.OpenDisk(0);
        await world.ClaimDone(() => disk.TestUnitReadyAsync(), "works", Source);
        for (var i = 0u; i < world.Settings.Get(Commands); i++) commands.Submit(disk, Cdb.Read(i * 8, 8), new byte[8 * IserScene.BlockLength], retries: 5);
        await world.ClaimWithin(Duration.FromSeconds(10), () => commands.IsEmpty, "works", Source, "every command is answered over the queue that there is");

        await session.LogoutAsync();
        await world.World.Until(() => target.Software.Connections.Count == 0, "the target to give the connection back");
        var after = target.Host.Device.Resources with { MemoryRegions = before.MemoryRegions }; // the pool of data buffers stays for the next one
        world.Claim(after == before, "counters", Source, $"counters are back where they were, {before}, and are {after}");
    }
}
