using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Cm;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog;

/// <summary>More logins at once than the target has slots for.</summary>
internal sealed class LoginFlood : Scenario
{
    private const int Hosts = 4;
    private static readonly Setting Connects = new("connects", 200, 1, 2000, "logins", "Logins that begin at once.");
    private static readonly Setting Slots = new("slots", 127, 1, 1000, "logins", "Logins that the target takes at once.");

    public override string Name => "login-flood";
    public override string Claim => "Of a flood of logins the target takes as many at once as it has slots, turns the rest away, all come in on retry, and a session that was there notices nothing.";
    public override string Source => "IBA 12.9.8.3; historical-races 12 (SCST isert_login.c)";
    public override int Weight => 120;
    public override IReadOnlyList<Setting> Settings { get; } = 
        [Connects, Slots, CommonSettings.Window with { Default = 500, Maximum = 100_000 }, .. CommonSettings.LinksWith(CommonSettings.Latency with { Default = 20_000 })];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        world.World.CloseOrder();
        var (connects, slots) = ((int)world.Settings.Get(Connects), (int)world.Settings.Get(Slots));
        var target = world.AddTarget(options: new() { Limits = new() { MaxLogins = slots, NopInInterval = Duration.Infinite } });
        var options = new SessionOptions
        {
            MaxCommands = 8,
            ReceiveBuffers = 16,
            Timeouts = new SessionTimeouts { PingInterval = Duration.Zero, InitialLoginRetries = connects + 8 },
        };
        var settled = await world.ClaimLogin(world.AddInitiator("settled").LoginAsync(TargetNode.TargetName, target.Endpoint, options), "login", "RFC 7143 6.3");
        var ledger = new TargetLedger(target);
        ledger.OnReleased = _ => world.World.CloseOrder();
        var rejections = target.Host.Port.Count("REJ", Wire.Cm(CmAttribute.Rej));
        var initiators = Enumerable.Range(1, Math.Min(Hosts, connects)).Select(i => world.AddInitiator($"initiator{i}")).ToArray();
        world.World.OpenOrder();
        var logins = new List<Task<InitiatorSession>>();
        for (var i = 0; i < connects; i++) logins.Add(initiators[i % initiators.Length].LoginAsync(TargetNode.TargetName, target.Endpoint, options).AsTask());
        var written = new byte[512];
        written.AsSpan().Fill(0x5A);
        await settled.OpenDisk(0).WriteAsync(7, written); // in the middle of the flood
        await world.World.Until(() => logins.TrueForAll(l => l.IsCompleted), "every login to end");
        world.World.CloseOrder();
        world.Saw($"{ledger.TurnedAway} turned away");

        world.Claim(ledger.MostLogins <= slots, "login-slots", Source, $"at most {slots} logins are under way at once, and were {ledger.MostLogins}");
        world.Claim(ledger.MostLogins == Math.Min(slots, connects) || world.Network.HasMeddled, "slots-used", Source, $"all {Math.Min(slots, connects)} slots are used, and were {ledger.MostLogins}");
        world.Claim(ledger.TurnedAway >= connects - slots || world.Network.HasMeddled, "turned-away", Source, $"{connects - slots} or more are turned away at first, and were {ledger.TurnedAway}");
        world.Claim(world.Network.CountsMessages(rejections.Matched, ledger.TurnedAway), "told", Source, $"each of {ledger.TurnedAway} turned away is told so by a REJ, and {rejections.Matched} were");
        foreach (var login in logins)
        {
            world.Claim(login.IsCompletedSuccessfully, "all-come-in", Source, $"every login works in the end, but: {login.Exception?.GetBaseException().Message}");
            var session = login.Result;
            world.Claim(world.Network.LivesOn(session), "all-come-in", Source, $"each session is logged in, once, and is {session.State} after {session.Logins} logins");
        }
        await world.ClaimWithin(Duration.Zero, () => target.Software.Sessions.Count == connects + 1, "all-come-in", Source,
            $"the target has {connects + 1} sessions");
        world.Claim(world.Network.LivesOn(settled), "untouched", Source, $"the session that was there stays, and is {settled.State} after {settled.Logins} logins");
        var read = new byte[512];
        await settled.OpenDisk(0).ReadAsync(7, read);
        world.Claim(read.AsSpan().SequenceEqual(written), "untouched", Source, "what it wrote during the flood is what it reads");
        await world.ClaimWithin(Duration.Zero, () => target.Software.LoginsInProgress == 0, "login-slots", Source, "no login slot is in use");
    }
}
