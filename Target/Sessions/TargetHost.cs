using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;
using Weft.Target.Commands;

namespace Weft.Target.Sessions;

/// <summary>
/// A node's target software: targets by name, sessions, and the portals of whatever transports it listens on. Everything is called on
/// the node's executor.
/// </summary>
public class TargetHost
{
    private readonly List<IscsiTarget> targets = [];
    private readonly List<ITargetPortal> portals = [];
    private readonly List<Session> sessions = [];
    private readonly List<TargetConnection> connections = [];
    private Action? stopped;
    private ushort lastTsih;

    public TargetHost(IExecutor executor, HostLimits? limits = null, TargetObserver? observer = null) =>
        (Executor, Limits, Observer) = (executor, limits ?? new(), observer);

    public IExecutor Executor { get; }
    public HostLimits Limits { get; }
    public TargetObserver? Observer { get; set; }
    public IReadOnlyList<IscsiTarget> Targets => targets;
    public IReadOnlyList<ITargetPortal> Portals => portals;
    /// <summary>Sessions in order of their logins, those that are ending included.</summary>
    public IReadOnlyList<Session> Sessions => sessions;
    /// <summary>Connections that still hold anything.</summary>
    public IReadOnlyList<TargetConnection> Connections => connections;
    /// <summary>Connections that hold a login slot.</summary>
    public int LoginsInProgress { get; private set; }
    public bool IsStopping { get; private set; }
    /// <summary>What initiators have to prove in a discovery session; null: nothing.</summary>
    public ChapSettings? DiscoveryChap { get; set; }

    /// <exception cref="ArgumentException">The name is taken.</exception>
    public IscsiTarget AddTarget(string name, TargetDevice? device = null)
    {
        if (Find(name) is not null) throw new ArgumentException($"there is a target '{name}' already", nameof(name));
        var target = new IscsiTarget(name, device ?? new TargetDevice(name));
        targets.Add(target);
        return target;
    }

    /// <summary>Takes a target away; its sessions are closed.</summary>
    public void RemoveTarget(IscsiTarget target)
    {
        targets.Remove(target);
        CloseSessions(target, CloseReason.Administrative);
    }

    public IscsiTarget? Find(string name) => targets.Find(t => t.Name == name);

    /// <summary>Stops listening and closes every connection; calls back when nothing is left.</summary>
    public void Stop(Action? onStopped = null)
    {
        stopped += onStopped;
        IsStopping = true;
        foreach (var portal in portals) portal.StopListening();
        foreach (var connection in connections.ToArray()) connection.Close(CloseReason.Administrative);
        StopIfDone();
    }

    /// <summary>Closes the sessions of a target.</summary>
    public void CloseSessions(IscsiTarget target, CloseReason reason)
    {
        foreach (var session in sessions.ToArray())
            if (session.Target == target) session.Connection.Close(reason);
    }

    internal void Add(ITargetPortal portal)
    {
        if (portals.Count >= Limits.MaxPortals) throw new InvalidOperationException($"more than {Limits.MaxPortals} portals");
        portals.Add(portal);
    }

    internal void Remove(ITargetPortal portal) => portals.Remove(portal);

    /// <summary>Takes one of the login slots.</summary>
    internal bool TryBeginLogin(string portal)
    {
        if (!IsStopping && HasLoginSlot)
        {
            LoginsInProgress++;
            return true;
        }
        Observer?.LoginSlotsExhausted(portal);
        return false;
    }

    /// <summary>Whether one more connection may log in now.</summary>
    internal virtual bool HasLoginSlot => LoginsInProgress < Limits.MaxLogins;

    internal void EndLogin() => LoginsInProgress--;

    internal void Add(TargetConnection connection)
    {
        connections.Add(connection);
        Observer?.ConnectionAccepted(connection);
    }

    internal void Released(TargetConnection connection)
    {
        connections.Remove(connection);
        Observer?.ConnectionReleased(connection);
        StopIfDone();
    }

    internal Session OpenSession(LoginIdentity identity, IscsiTarget? target, TargetConnection connection, TargetLogin login)
    {
        var session = new Session(NextTsih(), identity, target, connection, login.Parameters, login.FirstCmdSn, login.Grant!.CommandWindowDepth)
        {
            Predecessor = identity.IsDiscovery ? null : FindPort(identity, target!),
        };
        sessions.Add(session);
        return session;
    }

    /// <summary>The newest session of the same initiator port at the same target portal group. RFC 7143 §6.3.5.</summary>
    internal Session? FindPort(LoginIdentity identity, IscsiTarget target) => sessions.FindLast(s =>
        s.Target == target && s.Identity.InitiatorName == identity.InitiatorName && s.Identity.Isid == identity.Isid);

    internal Session? FindTsih(ushort tsih) => sessions.Find(s => s.Tsih == tsih);

    internal int CountSessions(IscsiTarget target)
    {
        var count = 0;
        foreach (var session in sessions)
            if (session.Target == target && session.Connection.State < ConnectionState.Closing) count++;
        return count;
    }

    /// <summary>Nothing of the session is left in the command core.</summary>
    internal void SessionOver(Session session)
    {
        session.IsOver = true;
        if (!sessions.Remove(session)) return;
        Observer?.SessionClosed(session);
        foreach (var connection in connections.ToArray()) connection.PredecessorOver(session);
    }

    /// <summary>What SendTargets shows on a portal: every visible target with all its portal addresses.</summary>
    internal IReadOnlyList<DiscoveredTarget> Discover(string portalAddress, string? only)
    {
        var found = new List<DiscoveredTarget>();
        foreach (var target in targets)
        {
            if (!target.Enabled || !target.IsVisibleOn(portalAddress) || (only is not null && target.Name != only)) continue;
            var addresses = new List<PortalAddress>();
            foreach (var portal in portals)
            {
                var host = portal.Host ?? portalAddress; // a wildcard is reachable where the question came in
                if (target.IsVisibleOn(host)) addresses.Add(new(host, portal.Port, target.PortalGroupTag));
            }
            found.Add(new(target.Name, addresses));
        }
        return found;
    }

    private ushort NextTsih()
    {
        do
        {
            if (++lastTsih == 0) lastTsih = 1;
        }
        while (FindTsih(lastTsih) is not null);
        return lastTsih;
    }

    private void StopIfDone()
    {
        if (!IsStopping || connections.Count > 0) return;
        foreach (var portal in portals.ToArray()) portal.Release();
        portals.Clear();
        var callback = stopped;
        stopped = null;
        callback?.Invoke();
    }
}
