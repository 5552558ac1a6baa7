using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Mad;
using Weft.Scenarios.Runner;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>The initiator vanishes behind a silent partition while nothing is to be said: only a target that pings ever learns of it.</summary>
internal sealed class StaleConnectionNoNop : Scenario
{
    private static readonly Duration Interval = Duration.FromSeconds(10);
    private static readonly Duration Watch = Duration.FromSeconds(600);
    // Local ACK timeout of the connection, which a device may stretch to four times its value, for each of 1 + 7 attempts. IBA 9.9.2.1.1.
    private static readonly Duration SendRetries = CodedTime.ToDuration(19) * 4 * 8;

    public override string Name => "stale-connection-no-nop";
    public override string Claim => "With NOPs off the connection of a vanished initiator stays; with NOPs on it is removed after one interval and the time of a send's retries.";
    public override string Source => "RFC 7143 11.19; historical-races 46 (tgt nop_interval)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 1_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Timer, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var pings = world.World.Chooser.Choose(2, new(ChoiceKind.Fault, "pings")) == 1;
        // Without a question, as tgt does it: the failure of the send is what tells.
        var limits = new HostLimits { NopInInterval = pings ? Interval : Duration.Infinite, NopInAsksAnswer = false };
        var scene = await IserScene.BeginAsync(world, new() { Limits = limits });
        var link = scene.InitiatorHost.Link;
        link.A.IsCut = link.B.IsCut = true;
        var cut = world.Now;
        await world.World.Delay(Watch);
        world.World.CloseOrder();
        var network = world.Network;
        if (pings)
        {
            world.Claim(scene.Ledger.Released == 1 && scene.Target.Software.Connections.Count == 0, "removed", Source,
                $"the connection is removed, and there are {scene.Target.Software.Connections.Count}");
            var took = scene.Ledger.LastRelease - cut;
            world.Claim(network.InTime(took, Interval - Duration.FromSeconds(1), Interval + SendRetries + Duration.FromSeconds(60)), "removed-in-time", Source,
                $"it is removed after one interval, {Interval}, and at most {SendRetries} of retries and the farewell, and was after {took}");
            world.Claim(scene.Connection.Reason == CloseReason.TransportError, "reason", Source, $"the send that failed is the reason, and is {scene.Connection.Reason}");
            world.Saw("NOPs on: removed");
        }
        else
        {
            // An answer whose acknowledgement was lost just before is sent again, to nobody: then the target learns of it without a ping.
            world.Claim(network.CountsConnections(scene.Ledger.Closings.Count, 0) && network.Counts(1, scene.Target.Software.Sessions.Count), "stays", Source,
                $"nobody tells the target, so the connection stays; closings: {string.Join(", ", scene.Ledger.Closings)}");
            world.Saw("NOPs off: stays");
        }
        link.A.IsCut = link.B.IsCut = false;
        var again = await scene.Commands.RunAsync(scene.Disk, Protocol.Scsi.Cdb.TestUnitReady(), retries: 5);
        world.Claim(again.IsGood, "recovers", Source, $"the session works again when the way is open, and was {again.Outcome} {again.Status}");
        world.Claim(network.Counts(scene.Session.Logins, pings ? 2 : 1), "logins", Source, $"it logs in again only where the target gave up, and has logged in {scene.Session.Logins} times");
    }
}
