using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Scenarios.Checks;
using Weft.Scenarios.Runner;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// Where scenarios of running I/O begin: a target, an initiator, a session with a disk, everything at rest. What led there happened in its
/// natural order; from here on the order is open.
/// </summary>
internal sealed class IserScene
{
    public const uint BlockLength = 512;
    private readonly ScenarioWorld world;
    /// <summary>Logins that it took to begin: one, where the network did not cut the first connection.</summary>
    private int firstLogins;

    private IserScene(ScenarioWorld world, TargetNode target, InitiatorHost initiator)
    {
        (this.world, Target, Initiator) = (world, target, initiator);
        Commands = new(world);
    }

    public TargetNode Target { get; }
    public InitiatorHost Initiator { get; }
    public InitiatorSession Session { get; private set; } = null!;
    public Disk Disk { get; private set; } = null!;
    public CommandLedger Commands { get; }
    /// <summary>Connections of the target, except the first, which was there before.</summary>
    public TargetLedger Ledger { get; private set; } = null!;
    public ScenarioHost InitiatorHost => world.Hosts[1];
    /// <summary>The target's end of the first connection.</summary>
    public TargetConnection Connection { get; private set; } = null!;

    private bool IsSettled => Session.State == SessionState.LoggedIn && Target.Software is { Connections.Count: 1, Sessions.Count: 1, LoginsInProgress: 0 };

    /// <summary>Options of sessions that send nothing on their own.</summary>
    public static SessionOptions Quiet { get; } = new() { MaxCommands = 16, Timeouts = new SessionTimeouts { PingInterval = Duration.Zero } };

    public static async Task<IserScene> BeginAsync(ScenarioWorld world, TargetNodeOptions? options = null, SessionOptions? session = null, int window = 16)
    {
        world.World.CloseOrder();
        options ??= new();
        if (options.Limits == new HostLimits()) options = options with { Limits = new() { NopInInterval = Duration.Infinite } };
        var scene = new IserScene(world, world.AddTarget("target", options), world.AddInitiator());
        scene.Target.Target.QueuedCommands = window;
        scene.Session = await world.ClaimLogin(scene.Initiator.LoginAsync(TargetNode.TargetName, scene.Target.Endpoint, session ?? Quiet), "login", "RFC 7143 6.3");
        scene.Disk = scene.Session.OpenDisk(0);
        await scene.Disk.ReadCapacityAsync();
        await world.World.Delay(Duration.FromMilliseconds(1)); // the last acknowledgements
        await world.World.Until(() => scene.IsSettled, "the session to settle", NetworkConduct.Patience);
        scene.firstLogins = scene.Session.Logins;
        scene.Ledger = new(scene.Target);
        scene.Connection = scene.Target.Software.Connections[0];
        world.World.OpenOrder();
        return scene;
    }

    /// <summary>Lets something be done on the target's host, at one of so many moments, each early or late within the window.</summary>
    /// <param name="moments">How many moments there are; which one is a choice of kind <see cref="ChoiceKind.Fault"/>.</param>
    /// <param name="apart">Microseconds between two of them.</param>
    public void DoAtTarget(string name, int moments, Action action, int apart = 1) => Do(Target.Host, name, moments, apart, action);

    /// <summary>The same on the initiator's host.</summary>
    public void DoAtInitiator(string name, int moments, Action action, int apart = 1) => Do(InitiatorHost, name, moments, apart, action);

    private static void Do(ScenarioHost host, string name, int moments, int apart, Action action)
    {
        var delay = Duration.FromMicroseconds(apart * host.Node.Chooser.Choose(moments, new(ChoiceKind.Fault, name)));
        host.Node.CreateLane(name, ChoiceKind.Dispatch).Post(new Errand(action), delay);
    }

    /// <summary>Waits for the end of the first connection and of all commands; then the order is closed again.</summary>
    public async Task GoneAsync()
    {
        await world.World.Until(() => Ledger.Released > 0 && Commands.IsEmpty, "the connection to be given back and all commands to end", NetworkConduct.Patience);
        world.World.CloseOrder();
    }

    /// <summary>Claims that the first connection closed once and was given back once, and that the session works again.</summary>
    public async Task ClaimFreedOnceAsync(string spec)
    {
        Commands.ClaimAllEnded();
        world.Claim(Ledger.Closings.Count >= 1 && world.Network.CountsConnections(Ledger.Released, 1), "freed-once", spec,
            $"the connection closes once and is given back once, but it closed for {string.Join(", ", Ledger.Closings)} and was given back {Ledger.Released} times");
        await world.World.Until(() => Session.Logins > firstLogins && IsSettled, "the session to recover", NetworkConduct.Patience);
        world.Claim(world.Network.Counts(Session.Logins, firstLogins + 1), "recovers-once", spec, $"one login is enough to recover, and there were {Session.Logins - firstLogins}");
        Ledger.ClaimBalance(world, spec);
        await Disk.TestUnitReadyAsync();
    }
}
