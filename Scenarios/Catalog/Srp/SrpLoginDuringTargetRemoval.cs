using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>The target is removed at any step of a login.</summary>
internal sealed class SrpLoginDuringTargetRemoval : Scenario
{
    public override string Name => "srp-login-during-target-removal";
    public override string Claim => "A login that meets a target on its way out is refused or closed, and nothing of it is left.";
    public override string Source => "historical-races 6 (SCST 2553057f7)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 300, Maximum = 100_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var options = new SrpOptions { ReconnectDelay = Duration.FromSeconds(1), FastIoFailTimeout = Duration.FromSeconds(2), DeviceLossTimeout = Duration.FromSeconds(10) };
        var scene = await SrpScene.BeginAsync(world, new() { Timing = new StoreTiming(1, Duration.FromMicroseconds(30)) }, options);
        var (target, ledger) = (scene.Target, scene.Ledger);
        var initiator = world.AddInitiator("late");
        var first = scene.Commands.Submit(scene.Disk, Cdb.Read(0, 8), new byte[4096]); // the target is not away before this is over
        var isGone = false;
        SrpScene.Do(target.Host, "remove", 24, () => target.Software.Stop(() => isGone = true));
        var (session, problem) = (default(SrpSession), "");
        try
        {
            session = await initiator.LoginAsync(target.Address(), options);
        }
        catch (LoginException refused)
        {
            problem = refused.Message;
        }
        await world.ClaimWithin(Duration.FromSeconds(5), () => isGone, "removed", Source, "the target is gone");
        world.World.CloseOrder();
        world.Saw(session is not null ? "let in, then closed" : $"refused: {ledger.Refusals.Count}, accepted: {ledger.Accepted}");
        await world.World.Delay(Duration.FromSeconds(200));
        // The target does not wait for an answer to its farewell, so nobody repeats one that is lost: who has nothing to send does not learn of it.
        foreach (var left in new[] { scene.Session, session })
            if (left is { State: not SessionState.Closed } && world.Network.HasLost) scene.Commands.Submit(left.OpenDisk(0), Cdb.TestUnitReady());
        await world.ClaimWithin(Duration.Zero, () => scene.Session.State == SessionState.Closed && session is null or { State: SessionState.Closed }, "closed", Source,
            $"sessions that were there or let in are lost; the second one is {session?.State}: {problem}");
        world.Claim(target.Host.Device.Resources == default, "nothing-left", Source, $"the target's device holds nothing, and holds {target.Host.Device.Resources}");
        world.Claim(first.HasEnded, "ended", Source, "the command of the session that was there has ended");
        scene.Commands.ClaimAllEnded();
        ledger.ClaimBalance(world, Source, before: 1);
    }
}
