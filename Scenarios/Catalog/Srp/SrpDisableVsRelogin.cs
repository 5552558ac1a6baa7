using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Protocol.Srp;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>An initiator whose session was lost logs in again while the target is being disabled.</summary>
internal sealed class SrpDisableVsRelogin : Scenario
{
    public override string Name => "srp-disable-vs-relogin";
    public override string Claim => "A login that races with the target's disabling is refused, or accepted and then closed; nothing stays alive.";
    public override string Source => "historical-races 7 (SCST 59f48c1f3, 1baaaea48)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 300, Maximum = 100_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        // Soon, but not so soon that an initiator that is kept out makes a storm of logins while a farewell is being repeated.
        var soon = Duration.FromMicroseconds(50);
        var scene = await SrpScene.BeginAsync(world, login: SrpScene.Persistent with { ReconnectDelay = soon });
        scene.DoAtInitiator("drop", 1, () => scene.Session.DropConnection("dropped on purpose"));
        await world.World.Delay(soon);
        scene.DoAtTarget("disable", 24, scene.Target.Software.Disable);
        await world.World.Delay(Duration.FromMicroseconds(200));
        world.World.CloseOrder();
        await world.ClaimWithin(Duration.FromSeconds(1), () => !scene.Target.Software.IsEnabled && scene.Target.Software.Channels.Count == 0, "nothing-live", Source, "every channel of a disabled target goes");
        world.Saw(scene.Ledger.Accepted == 0 ? "refused from the first" : "accepted, then closed");
        world.Claim(scene.Ledger.Released == scene.Ledger.Accepted + 1, "nothing-live", Source,
            $"each of {scene.Ledger.Accepted + 1} channels of a disabled target is given back, and {scene.Ledger.Released} were");
        // The refusal of a login whose RTU was lost is said once, and may be lost: the initiator learns of it when it sends something.
        world.Claim(scene.Session.State == SessionState.Recovering || world.Network.HasLost, "kept-out", Source, $"the initiator is kept out, and is {scene.Session.State}");
        world.Claim(scene.Ledger.Refusals.TrueForAll(r => r == SrpLoginRejectReason.InsufficientResources), "reason", Source, "logins are refused with reason 0x10001");
        scene.Ledger.ClaimBalance(world, Source, before: 1);
        scene.Target.Software.Enable();
        await world.ClaimWithin(Duration.FromSeconds(300), () => scene.Session.State == SessionState.LoggedIn, "comes-back", Source, "the initiator comes back when the target is enabled again");
        await world.ClaimDone(() => scene.Disk.TestUnitReadyAsync(), "comes-back", Source, afterRefusals: true);
    }
}
