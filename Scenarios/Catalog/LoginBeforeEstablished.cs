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
    private static readonly Setting Io = new("io", 16_384, 0, 262_144, "bytes", "Written and read back after the login; 0: nothing, the login alone.");

    public override string Name => "login-before-established";
    public override string Claim => "A login PDU that arrives before the connection-established event is held and answered exactly once.";
    public override string Source => "IBA 12.9.8.1; historical-races 1 (SCST isert-scst saved_wr, tgt b53820d)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 500, Maximum = 100_000 }, Io, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var target = world.AddTarget();
        var initiator = world.AddInitiator();
        var ledger = new TargetLedger(target);
        var responses = target.Host.Port.Count("login responses", Wire.PduOnce(IscsiOpcode.LoginResponse));
        var requests = world.Hosts[^1].Port.Count("login requests", Wire.PduOnce(IscsiOpcode.LoginRequest));
        var session = await world.ClaimLogin(initiator.LoginAsync(TargetNode.TargetName, target.Endpoint, new SessionOptions
        {
            Timeouts = new SessionTimeouts { PingInterval = Duration.Zero },
        }), "login-once", Source);
        world.World.CloseOrder(); // the logout at the end is other scenarios' business
        await world.World.Delay(Duration.FromMilliseconds(1)); // time for a second answer, if there is one
        world.Saw(ledger.Held > 0 ? "login PDU first: held, then answered" : "established first");
        world.Claim(session.State == SessionState.LoggedIn, "login-once", Source, $"the session is logged in, and is {session.State}");
        world.Claim(world.Network.Counts(session.Logins, 1), "login-once", Source, $"one login is enough, and there were {session.Logins}");
        // A request that the network lost with its connection is not answered; no request is ever answered twice.
        world.Claim(world.Network.Counts(requests.Matched, responses.Matched), "one-response", Source,
            $"each of {requests.Matched} login requests is answered by one response on the wire, and there were {responses.Matched}");
        world.Claim(world.Network.Counts(1, target.Software.Sessions.Count), "login-once", Source, $"the target has one session, and has {target.Software.Sessions.Count}");
        if (world.Settings.Get(Io) > 0) await WriteAndReadAsync(world, session.OpenDisk(0), new byte[world.Settings.Get(Io) / 512 * 512]);
        ledger.ClaimBalance(world, Source);
    }

    /// <summary>The session that came out of the race works.</summary>
    private static async Task WriteAndReadAsync(ScenarioWorld world, Disk disk, byte[] written)
    {
        for (var i = 0; i < written.Length; i++) written[i] = (byte)(i * 31 + (i >> 8));
        await disk.ReadCapacityAsync();
        await disk.WriteAsync(0, written);
        var read = new byte[written.Length];
        await disk.ReadAsync(0, read);
        world.Claim(read.AsSpan().SequenceEqual(written), "data", "SBC-3 4.2", $"{written.Length} bytes read back as written");
    }
}
