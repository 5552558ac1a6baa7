using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Cm;
using Weft.Scenarios.Faults;
using Weft.Scenarios.Runner;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// The queue pair cannot be brought up, so accept fails: the receive that was posted comes back flushed while the error path cleans up.
/// </summary>
internal sealed class AcceptFails : Scenario
{
    private static readonly Duration Retry = Duration.FromSeconds(3);
    private static readonly Setting Failures = new("failures", 1, 1, 30, "accepts", "So many accepts fail, one after the other.");

    public override string Name => "accept-fails";
    public override string Claim => "A connection whose accept fails is cleaned up once, its login slot is free again, and the next login works.";
    public override string Source => "IBA 10.3.1; historical-races 8 (SCST 183ef8273, 0498de210, b235efb8d)";
    public override IReadOnlyList<Setting> Settings { get; } = [Failures, CommonSettings.Window with { Default = 500, Maximum = 100_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var failures = (int)world.Settings.Get(Failures);
        RefusingDevice? refusing = null;
        var target = world.AddTarget(options: new() { Host = new() { Wrap = device => refusing = new(device) { RefusalsLeft = failures } } });
        var initiator = world.AddInitiator();
        var before = target.Host.Device.Resources;
        var rejections = target.Host.Port.Count("REJ", Wire.Cm(CmAttribute.Rej));
        var ledger = new TargetLedger(target);
        ledger.OnReleased = released =>
        {
            if (released == failures) world.World.CloseOrder(); // what follows is a login like any other
        };
        var leftWhenAccepted = 0;
        ledger.OnAccepted = accepted => leftWhenAccepted = Math.Max(leftWhenAccepted, accepted - 1 - ledger.Released);

        var session = await world.ClaimLogin(initiator.LoginAsync(TargetNode.TargetName, target.Endpoint, new SessionOptions
        {
            Timeouts = new SessionTimeouts { PingInterval = Duration.Zero, Retry = Retry, InitialLoginRetries = failures + 8 },
        }), "next-login", Source);
        world.World.CloseOrder();
        var took = initiator.Executor.Now - Instant.Zero;
        await world.World.Delay(Duration.FromMilliseconds(1));

        world.Claim(refusing!.Refused == failures, "accept-refused", Source, $"{failures} accepts failed, and {refusing.Refused} did");
        world.Claim(world.Network.CountsMessages(rejections.Matched, failures), "accept-reject", "IBA 12.9.8.3", $"each request is rejected once: {failures} REJ, and were {rejections.Matched}");
        world.Claim(world.Network.CountsConnections(leftWhenAccepted, 0), "freed-once", Source, $"a failed connection is gone before the next is tried, but {leftWhenAccepted} were left");
        world.Claim(ledger.Closings.Count(r => r == CloseReason.VerbsError) == failures && world.Network.CountsConnections(ledger.Closings.Count, failures), "accept-closed", Source,
            $"each failed connection closes once for a refused verb; closings: {string.Join(", ", ledger.Closings)}");
        ledger.ClaimBalance(world, Source);
        world.Claim(world.Network.LivesOn(session) || world.Network.MayRefuseLate && session.State != SessionState.Closed, "next-login", Source, $"the next login works, and the session is {session.State}");
        world.Claim(world.Network.InTime(took, Duration.Zero, (Retry * failures) + Duration.FromSeconds(1)), "next-login", Source, $"the login after {failures} failures works at once, but took {took}");

        await session.LogoutAsync();
        await world.World.Until(() => target.Software.Connections.Count == 0, "the target to give the connection back");
        var after = target.Host.Device.Resources;
        world.Claim(after == before, "counters", Source, $"counters are back where they were, {before}, and are {after}");
    }
}
