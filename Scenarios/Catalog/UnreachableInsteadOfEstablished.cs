using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Initiator;
using Weft.Protocol.Cm;
using Weft.Protocol.Mad;
using Weft.Scenarios.Runner;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// Of the initiator only the REQ gets through. The target's connection manager repeats its REP until it gives up, and the passive side
/// hears of an unreachable peer where it waits for an established connection; its own limit for logins ends at that very moment too.
/// </summary>
internal sealed class UnreachableInsteadOfEstablished : Scenario
{
    // What the REQ says of the initiator: it answers within code 20, 4.3 s, and a REP is sent 16 times.
    private static readonly Duration GivesUp = CodedTime.ToDuration(20) * 16;
    private static readonly Setting LoginTimeout = new("login-timeout", 0, 0, 1_000_000, "ms", "The target's limit for a login; 0: the moment at which the connection manager gives up.");

    public override string Name => "unreachable-instead-of-established";
    public override string Claim => "A connection that the peer never confirms is freed once when the connection manager gives up, and its login slot is free again.";
    public override string Source => "IBA 12.9.8.3.1; historical-races 10 (SCST 2e4544e35, 87902c872)";
    public override IReadOnlyList<Setting> Settings { get; } = [LoginTimeout, CommonSettings.Window with { Default = 50, Maximum = 100_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Dispatch, ChoiceKind.Timer), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var limit = world.Settings.Get(LoginTimeout) is > 0 and var set ? Duration.FromMilliseconds(set) : GivesUp;
        var target = world.AddTarget(options: new() { Limits = new() { LoginTimeout = limit, NopInInterval = Duration.Infinite } });
        var host = world.AddHost("initiator");
        var initiator = world.AddInitiator(host);
        var isDeaf = true;
        var allButRequests = Wire.AllBut(Wire.Cm(CmAttribute.Req));
        host.Port.Plan(new FrameFault("everything but REQ", frame => isDeaf && allButRequests(frame)) { Count = int.MaxValue });
        var ledger = new TargetLedger(target);
        ledger.OnReleased = _ => world.World.CloseOrder();

        var problem = "";
        try
        {
            await initiator.LoginAsync(TargetNode.TargetName, target.Endpoint, new SessionOptions
            {
                Timeouts = new SessionTimeouts { PingInterval = Duration.Zero, InitialLoginRetries = 1 },
            });
        }
        catch (LoginException failed)
        {
            problem = failed.Message;
        }
        world.Claim(problem.Length > 0, "no-login", Source, "no login works over a path that carries nothing");
        if (ledger.Accepted == 0 && world.Network.HasLost)
        {
            world.Saw("no request came through");
            return;
        }
        await world.ClaimWithin(Duration.FromSeconds(2000), () => ledger.Released > 0, "freed-in-time", Source, "the connection is given back");
        var soonest = limit < GivesUp ? limit : GivesUp;
        var lived = ledger.LastRelease - ledger.LastAccept;
        await world.World.Delay(Duration.FromSeconds(30));

        world.Saw(ledger.Closings[0] == CloseReason.NotEstablished ? "unreachable ended it" : $"{ledger.Closings[0]} ended it");
        world.Claim(world.Network.CountsConnections(ledger.Accepted, 1) && ledger.Released == ledger.Accepted, "freed-once", Source,
            $"the connection was accepted once and given back once, but was accepted {ledger.Accepted} times and given back {ledger.Released} times");
        world.Claim(ledger.Closings.Count == ledger.Accepted && ledger.Closings.TrueForAll(r => r is CloseReason.NotEstablished or CloseReason.LoginTimeout), "closed-once", Source,
            $"it closes once, as not established or as too late; closings: {string.Join(", ", ledger.Closings)}");
        world.Claim(world.Network.InTime(lived, Duration.Zero, soonest + Duration.FromMilliseconds(1)), "freed-in-time", Source,
            $"it is given back as soon as it is given up, after {soonest} at the latest, and lived {lived}");
        ledger.ClaimBalance(world, Source);

        isDeaf = false;
        var session = await world.ClaimLogin(initiator.LoginAsync(TargetNode.TargetName, target.Endpoint), "next-login", Source);
        world.Claim(world.Network.LivesOn(session), "next-login", Source, $"the next login works, and the session is {session.State}");
    }
}
