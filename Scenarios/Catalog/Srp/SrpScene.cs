using Weft.Fabric.Execution;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Srp;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>
/// Where SRP scenarios of running I/O begin: a target, an initiator, a session with a disk, everything at rest. What led there happened in
/// its natural order; from here on the order is open.
/// </summary>
internal sealed class SrpScene
{
    private readonly ScenarioWorld world;
    private readonly int channels;
    /// <summary>Logins that it took to begin: one, where the network did not cut the first connection.</summary>
    private int firstLogins;

    private SrpScene(ScenarioWorld world, SrpTargetNode target, InitiatorHost initiator, int channels)
    {
        (this.world, Target, Initiator, this.channels) = (world, target, initiator, channels);
        Commands = new(world);
    }

    public SrpTargetNode Target { get; }
    public InitiatorHost Initiator { get; }
    public SrpSession Session { get; private set; } = null!;
    public Disk Disk { get; private set; } = null!;
    public CommandLedger Commands { get; }
    /// <summary>Channels of the target, except the first ones, which were there before.</summary>
    public SrpLedger Ledger { get; private set; } = null!;
    /// <summary>The target's end of the first channel.</summary>
    public SrpChannel Channel { get; private set; } = null!;
    public ScenarioHost InitiatorHost => world.Hosts[1];

    /// <summary>Options of sessions that come back as soon as they may, however long that takes.</summary>
    public static SrpOptions Persistent { get; } = new()
    {
        ReconnectDelay = Duration.FromSeconds(1), FastIoFailTimeout = Duration.FromSeconds(600), DeviceLossTimeout = Duration.Infinite, CommandTimeout = NetworkConduct.Patience,
    };

    private bool IsLostForGood => Session.Options.ReconnectDelay.IsInfinite && Session.State != SessionState.LoggedIn;
    private bool IsSettled => Session.State == SessionState.LoggedIn && Target.Software.Channels.Count == channels;

    public static async Task<SrpScene> BeginAsync(ScenarioWorld world, SrpTargetNodeOptions? options = null, SrpOptions? login = null, int channels = 1)
    {
        world.World.CloseOrder();
        var scene = new SrpScene(world, SrpTargetNode.Add(world, options), world.AddInitiator(), channels);
        await world.ClaimDone(() => scene.LogInAsync(login ?? Persistent), "login", "SRP r16a 5.1");
        scene.firstLogins = scene.Session.Logins;
        scene.Ledger = new(scene.Target);
        scene.Channel = scene.Target.Software.Channels[0];
        world.World.OpenOrder();
        return scene;
    }

    /// <summary>A session at rest; where one before it was lost and does not come back by itself, in its place.</summary>
    private async ValueTask LogInAsync(SrpOptions options)
    {
        if (Session is { } lost) await lost.LogoutAsync();
        Session = await Initiator.LoginAsync(Target.Address(channels), options);
        Disk = Session.OpenDisk(0);
        await Disk.ReadCapacityAsync();
        await world.World.Delay(Duration.FromMilliseconds(1)); // the last acknowledgements
        await world.World.Until(() => IsSettled || IsLostForGood, "the session to settle", NetworkConduct.Patience);
        if (!IsSettled) throw new LoginException(LoginFailure.Transport, 0, $"the session was lost at once: {Session.LastProblem}");
    }

    /// <summary>Waits until the session and the target agree on what there is.</summary>
    public ValueTask SettledAsync() => world.World.Until(() => IsSettled, "the session to settle", NetworkConduct.Patience);

    /// <summary>Lets something be done on the target's host, at one of so many moments, each early or late within the window.</summary>
    /// <param name="moments">How many moments there are, a microsecond apart; which one is a choice of kind <see cref="ChoiceKind.Fault"/>.</param>
    public void DoAtTarget(string name, int moments, Action action) => Do(Target.Host, name, moments, action);

    /// <summary>The same on the initiator's host.</summary>
    public void DoAtInitiator(string name, int moments, Action action) => Do(InitiatorHost, name, moments, action);

    public static void Do(ScenarioHost host, string name, int moments, Action action)
    {
        var delay = Duration.FromMicroseconds(host.Node.Chooser.Choose(moments, new(ChoiceKind.Fault, name)));
        host.Node.CreateLane(name, ChoiceKind.Dispatch).Post(new Errand(action), delay);
    }

    /// <summary>Waits for the end of the first channels and of all commands; then the order is closed again.</summary>
    public async Task GoneAsync()
    {
        await world.World.Until(() => Ledger.Released >= channels && Commands.IsEmpty, "the channel to be given back and all commands to end", NetworkConduct.Patience);
        world.World.CloseOrder();
    }

    /// <summary>Claims that the first channels closed once and were given back once, and that the session works again.</summary>
    public async Task ClaimFreedOnceAsync(string spec)
    {
        Commands.ClaimAllEnded();
        await world.World.Until(() => Session.Logins > firstLogins && IsSettled, "the session to recover", NetworkConduct.Patience);
        world.Claim(world.Network.CountsConnections(Ledger.Released, channels), "freed-once", spec, $"{channels} channels are given back, and {Ledger.Released} were");
        world.Claim(world.Network.Counts(Session.Logins, firstLogins + 1), "recovers-once", spec, $"one login is enough to recover, and there were {Session.Logins - firstLogins}");
        Ledger.ClaimBalance(world, spec, before: channels);
        await world.ClaimDone(() => Disk.TestUnitReadyAsync(), "recovers", spec);
    }
}
