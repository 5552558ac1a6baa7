using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;
using Weft.Target.Luns;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>An initiator comes back under the same name and ISID from elsewhere, while its old connection is half dead and about to be closed anyway.</summary>
internal sealed class ReinstatementDoubleClose : Scenario
{
    private static readonly Isid Same = Isid.FromOui(0x02_3D00, 7);

    public override string Name => "reinstatement-double-close";
    public override string Claim => "A login under the ISID of a session that still stands ends that session once, however many others end it too, and only then begins the new one.";
    public override string Source => "RFC 7143 6.3.5; historical-races 57 (tgt 9f4cbd1, d18dfc4, faa3bcb)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 300 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await IserScene.BeginAsync(world, new() { Timing = StoreTiming.AnyOrder(latency: Duration.FromMicroseconds(3)) }, IserScene.Quiet with { Isid = Same });
        var elsewhere = world.Parts.CreateInitiator(world.AddHost("elsewhere").Device, scene.Initiator.Name);
        world.AtEnd(elsewhere.CloseAsync);
        var old = scene.Connection;
        var link = scene.InitiatorHost.Link;
        for (var i = 0u; i < 4; i++) scene.Commands.Submit(scene.Disk, Cdb.Read(8 * i, 8), new byte[8 * IserScene.BlockLength]);
        // The commands are at the target; the wire behind them is dead, and nobody was told.
        world.World.Faults.At(world.Now + Duration.FromMicroseconds(3), "half dead", () => link.A.IsCut = link.B.IsCut = true);
        scene.DoAtTarget("operator", 8, () => old.Close(CloseReason.Administrative), apart: 5);
        scene.DoAtTarget("error", 8, () => old.Close(CloseReason.TransportError), apart: 5);
        var session = await world.ClaimLogin(elsewhere.LoginAsync(TargetNode.TargetName, scene.Target.Endpoint, IserScene.Quiet with { Isid = Same }), "takes-over", Source);
        world.World.CloseOrder();
        world.Saw($"first reason: {old.Reason}");

        var mine = scene.Target.Software.Sessions.Count(s => s.Identity.Isid == Same && !s.IsOver);
        world.Claim(world.Network.Counts(1, mine), "one-session", Source, $"when the new login is answered the old session is over: one session of this ISID is left, and there are {mine}");
        world.Claim(world.Network.CountsConnections(scene.Ledger.Closings.Count, 1), "closed-once", Source,
            $"the old connection closes once, and did for {string.Join(", ", scene.Ledger.Closings)}");
        await scene.Session.LogoutAsync(); // or it would come back and take over in its turn
        link.A.IsCut = link.B.IsCut = false;
        await world.World.Until(() => scene.Ledger.Released > 0 && scene.Commands.IsEmpty, "the old connection to be given back and its commands to end", NetworkConduct.Patience);
        scene.Commands.ClaimAllEnded();
        world.Claim(world.Network.LivesOn(session), "takes-over", Source, $"the new session lives on, and is {session.State} after {session.Logins} logins");
        await world.ClaimDone(() => session.OpenDisk(0).TestUnitReadyAsync(), "takes-over", Source);
        scene.Ledger.ClaimBalance(world, Source);
    }
}
