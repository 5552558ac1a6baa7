using Weft.Target.Sessions;

namespace Weft.Scenarios.Runner;

/// <summary>Keeps count of what a target takes and gives back, from the moment on at which it is made.</summary>
internal sealed class TargetLedger : TargetObserver
{
    private readonly TargetNode target;
    private readonly HashSet<TargetConnection> live = [], gone = [];
    private readonly int before;

    public TargetLedger(TargetNode target)
    {
        this.target = target;
        before = target.Software.Connections.Count;
        target.Software.Observer = this;
    }

    public int Accepted { get; private set; }
    public int Released { get; private set; }
    public int TurnedAway { get; private set; }
    public int Held { get; private set; }
    public int SessionsOpened { get; private set; }
    /// <summary>Most connections that were between their request and full feature phase at one moment.</summary>
    public int MostLogins { get; private set; }
    /// <summary>Why connections began to close, in order.</summary>
    public List<CloseReason> Closings { get; } = [];
    /// <summary>When the last connection was given back, on the target's clock.</summary>
    public Instant LastRelease { get; private set; }
    public Instant LastAccept { get; private set; }
    /// <summary>A connection that was given back more often than taken; null: none was.</summary>
    public string? GivenBackTwice { get; private set; }

    /// <summary>Called when a connection was accepted or given back, with how many there have been.</summary>
    public Action<int>? OnAccepted { get; set; }
    public Action<int>? OnReleased { get; set; }
    /// <summary>Called when a session is in full feature phase.</summary>
    public Action? OnSession { get; set; }

    public override void ConnectionAccepted(TargetConnection connection)
    {
        Accepted++;
        live.Add(connection);
        LastAccept = target.Host.Executor.Now;
        MostLogins = Math.Max(MostLogins, target.Software.LoginsInProgress);
        OnAccepted?.Invoke(Accepted);
    }

    public override void LoginSlotsExhausted(string portal) => TurnedAway++;

    public override void PduHeld(TargetConnection connection) => Held++;

    public override void SessionOpened(Session session)
    {
        SessionsOpened++;
        OnSession?.Invoke();
    }

    public override void ConnectionClosing(TargetConnection connection, CloseReason reason, Violation? violation) => Closings.Add(reason);

    public override void ConnectionReleased(TargetConnection connection)
    {
        Released++;
        LastRelease = target.Host.Executor.Now;
        if (!live.Remove(connection) && gone.Contains(connection)) GivenBackTwice ??= connection.Name;
        gone.Add(connection);
        OnReleased?.Invoke(Released);
    }

    /// <summary>Claims that nothing was given back twice, and no login slot is held but by these.</summary>
    public void ClaimBalance(ScenarioWorld world, string spec, int logins = 0)
    {
        world.Claim(GivenBackTwice is null, "freed-once", spec, $"a connection is given back once, but {GivenBackTwice} was more often");
        world.Claim(before + Accepted - Released == target.Software.Connections.Count, "freed-once", spec,
            $"{before + Accepted} connections were accepted and {Released} given back, so {before + Accepted - Released} are left, and are {target.Software.Connections.Count}");
        // A connection that the network cut or made up holds its slot until it is given up.
        var most = world.Network.HasMeddled ? target.Software.Connections.Count : logins;
        world.Claim(target.Software.LoginsInProgress >= logins && target.Software.LoginsInProgress <= most, "login-slots", spec,
            $"{logins} login slots are in use, and are {target.Software.LoginsInProgress}");
    }
}
