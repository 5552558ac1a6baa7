using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>An initiator logs in again while its old channel has a full ring posted: all of it is flushed.</summary>
internal sealed class SrpReloginFlushStorm : Scenario
{
    private static readonly Setting Depth = new("depth", 128, 2, 1024, "requests", "Request limit: as many receives are flushed.");

    public override string Name => "srp-relogin-flush-storm";
    public override string Claim => "A re-login ends the old channel with one word, however many requests are flushed for it, and commands of the new one wait until those of the old are over.";
    public override string Source => "SRP r16a 6.2; historical-races 43 (SCST ed07ec49a)";
    public override IReadOnlyList<Setting> Settings { get; } = [Depth, CommonSettings.Window with { Default = 5_000_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.BackEnd), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await SrpScene.BeginAsync(world, new()
        {
            Target = new() { QueueDepth = (int)world.Settings.Get(Depth) }, Timing = StoreTiming.AnyOrder(latency: Duration.FromMicroseconds(200)),
        }, SrpScene.Persistent with { ReconnectDelay = Duration.Infinite, FastIoFailTimeout = Duration.FromSeconds(10) });
        var old = new byte[4096];
        old.AsSpan().Fill(0x0D);
        var lost = scene.Commands.Submit(scene.Disk, Cdb.Write(0, 8), old);
        await world.World.Delay(Duration.FromMicroseconds(30));
        // Another session of the same nexus, as after a reboot that the target has not noticed.
        var again = world.AddInitiator(scene.InitiatorHost);
        var second = await world.ClaimLogin(() => again.LoginAsync(scene.Target.Address(), SrpScene.Persistent), "login", Source);
        var fresh = new byte[4096];
        fresh.AsSpan().Fill(0x0E);
        await world.ClaimDone(() => second.OpenDisk(0).WriteAsync(0, fresh), "write", Source);
        await world.World.Until(() => scene.Ledger.Released > 0, "the old channel to be given back", NetworkConduct.Patience);
        world.World.CloseOrder();
        await scene.Session.LogoutAsync();
        world.Saw($"the write that was under way ended with {lost.Outcome}");
        var held = new byte[4096];
        scene.Target.Stores[0].Read(0, held);
        world.Claim(held.AsSpan().SequenceEqual(fresh), "old-is-over", Source, "the disk holds what the new session wrote: nothing of the old one came after it");
        scene.Ledger.ClaimBalance(world, Source, before: 1);
    }
}
