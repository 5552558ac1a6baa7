using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Cm;
using Weft.Protocol.Mad;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// A host that lost its power connects again with a queue pair number that the target still knows: it is rejected as stale, the target
/// lets the old connection go, and after TIMEWAIT the host is welcome.
/// </summary>
internal sealed class StaleConnectionReject : Scenario
{
    private static readonly Duration Retry = Duration.FromMilliseconds(400);
    // The REQ's local ACK timeout: packet lifetime 18 and one more.
    private static readonly Duration TimeWait = CodedTime.ToDuration(19);

    public override string Name => "stale-connection-reject";
    public override string Claim => "Reconnecting with a queue pair number of a connection that the target still holds is rejected with reason 10 until its TIMEWAIT ends, and works then.";
    public override string Source => "IBA 12.9.8.3.1; historical-races 14 (spdk/spdk#876, SCST 46aa72be4)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 100, Maximum = 100_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        world.World.CloseOrder();
        var target = world.AddTarget();
        var host = world.AddHost("initiator", new() { QpNumbers = 1 });
        var options = new SessionOptions { Timeouts = new SessionTimeouts { PingInterval = Duration.Zero, Retry = Duration.FromSeconds(60) } };
        await world.ClaimLogin(world.AddInitiator(host, isClosedAtEnd: false).LoginAsync(TargetNode.TargetName, target.Endpoint, IserScene.Quiet), "login", Source);
        await world.World.Delay(Duration.FromSeconds(1));

        var ledger = new TargetLedger(target);
        ledger.OnReleased = _ => world.World.CloseOrder();
        var stale = target.Host.Port.Count("REJ, stale connection", Wire.Rejection(CmRejReason.StaleConnection));
        var rejections = target.Host.Port.Count("REJ", Wire.Cm(CmAttribute.Rej));
        var started = world.Now;
        world.OnArrival(target.Host, Wire.Cm(CmAttribute.Req), () =>
        {
            if (ledger.Released == 0) world.World.OpenOrder();
        });
        Task<InitiatorSession> login;
        InitiatorHost initiator;
        while (true)
        {
            world.Reboot(host); // so that the first number is drawn again each time
            initiator = world.AddInitiator(host, isClosedAtEnd: false);
            login = initiator.LoginAsync(TargetNode.TargetName, target.Endpoint, options).AsTask();
            await world.ClaimWithin(Duration.FromSeconds(30), () => login.IsCompleted || initiator.Sessions is [{ LastProblem: not null }], "attempt-ends", Source, "the attempt to connect ends");
            if (login.IsCompleted) break;
            var problem = initiator.Sessions[0].LastProblem!;
            world.Claim(problem.Contains("reason 10 (StaleConnection)", StringComparison.Ordinal) || world.Network.HasMeddled, "stale-reported", Source,
                $"an attempt with the old number is reported as rejected for a stale connection, and is: '{problem}'");
            world.Claim(world.Network.InTime(world.Now - started, Duration.Zero, Duration.FromSeconds(20)), "after-time-wait", Source, "the old connection does not last for ever");
            await world.World.Delay(Retry);
        }
        world.AtEnd(initiator.CloseAsync);
        world.World.CloseOrder();

        var took = world.Now - started;
        world.Saw($"{stale.Matched} attempts rejected as stale");
        world.Claim(world.Network.CountsMessages(rejections.Matched, stale.Matched), "stale-only", Source, $"all {rejections.Matched} rejections are for a stale connection, and {stale.Matched} are");
        world.Claim(took >= TimeWait || world.Network.HasMeddled, "time-wait", "IBA 12.9.8.4", $"the queue pair number is not accepted before TIMEWAIT, {TimeWait}, is over, but was after {took}");
        world.Claim(world.Network.InTime(took, Duration.Zero, TimeWait + (Retry * 2)), "after-time-wait", Source, $"it is accepted when TIMEWAIT, {TimeWait}, is over, but took {took}");
        world.Claim(login.IsCompletedSuccessfully && world.Network.LivesOn(login.Result), "after-time-wait", Source,
            $"the login works then, but: {login.Exception?.GetBaseException().Message}");
        world.Claim(world.Network.Counts(1, target.Software.Sessions.Count), "one-session", Source, $"the target has one session, and has {target.Software.Sessions.Count}");
        ledger.ClaimBalance(world, Source);
    }
}
