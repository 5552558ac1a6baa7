using Weft.Fabric.Sim;
using Weft.Fabric.Execution;
using Weft.Initiator;
using Weft.Protocol.Iscsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// The first race: the initiator may send its login PDU as soon as its RTU is on the way, so the target can see the login before the
/// event that says the connection is established.
/// </summary>
internal sealed class LoginBeforeEstablished : Scenario
{
    public override string Name => "login-before-established";
    public override string Claim => "A login PDU that arrives before the connection-established event is held and answered exactly once.";
    public override string Source => "IBA 12.9.8.1; historical-races 1 (SCST isert-scst saved_wr, tgt b53820d)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 500 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var target = world.AddTarget();
        var initiator = world.AddInitiator();
        var ledger = new TargetLedger(target);
        var responses = target.Host.Port.Count("login responses", Wire.PduOnce(IscsiOpcode.LoginResponse));
        var requests = world.Hosts[^1].Port.Count("login requests", Wire.PduOnce(IscsiOpcode.LoginRequest));
        var session = await initiator.LoginAsync(TargetNode.TargetName, target.Endpoint, new SessionOptions
        {
            Timeouts = new SessionTimeouts { PingInterval = Duration.Zero },
        });
        world.World.CloseOrder(); // the logout at the end is other scenarios' business
        await world.World.Delay(Duration.FromMilliseconds(1)); // time for a second answer, if there is one
        world.Saw(ledger.Held > 0 ? "login PDU first: held, then answered" : "established first");
        world.Claim(session.State == SessionState.LoggedIn, "login-once", Source, $"the session is logged in, and is {session.State}");
        world.Claim(session.Logins == 1, "login-once", Source, $"one login is enough, and there were {session.Logins}");
        world.Claim(responses.Matched == requests.Matched, "one-response", Source,
            $"each of {requests.Matched} login requests is answered by one response on the wire, and there were {responses.Matched}");
        world.Claim(target.Software.Sessions.Count == 1, "login-once", Source, $"the target has one session, and has {target.Software.Sessions.Count}");
        ledger.ClaimBalance(world, Source);
    }
}
