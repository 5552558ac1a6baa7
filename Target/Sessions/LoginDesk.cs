using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Login;

namespace Weft.Target.Sessions;

/// <summary>Decides about the login of one connection, for the host.</summary>
internal sealed class LoginDesk(TargetHost host, TargetConnection connection) : ILoginAuthority
{
    private IscsiTarget? target;

    public LoginGrant Resolve(LoginIdentity identity)
    {
        if (host.IsStopping) return LoginGrant.Refuse(LoginStatus.ServiceUnavailable);
        if (identity.Tsih != 0) return LoginGrant.Refuse(ResolveJoin(identity));
        if (identity.TargetName is not { } name)
            return new(LoginStatus.Success) { CommandWindowDepth = TargetConnection.DiscoveryDepth, Chap = host.DiscoveryChap };
        target = host.Find(name);
        if (target is null || !target.IsVisibleOn(connection.LocalHost)) return LoginGrant.Refuse(LoginStatus.TargetNotFound);
        if (!target.Enabled) return LoginGrant.Refuse(LoginStatus.ServiceUnavailable);
        if (target.Redirect is { } address && !identity.IsDiscovery)
            return new(target.RedirectIsPermanent ? LoginStatus.TargetMovedPermanently : LoginStatus.TargetMovedTemporarily) { TargetAddress = address };
        if (!target.Admits(identity.InitiatorName)) return LoginGrant.Refuse(LoginStatus.AuthorizationFailure);
        return new(LoginStatus.Success)
        {
            PortalGroupTag = target.PortalGroupTag,
            Alias = target.Alias,
            Policy = target.Policy,
            CommandWindowDepth = identity.IsDiscovery ? TargetConnection.DiscoveryDepth : target.QueuedCommands,
            Chap = target.Accounts.Count == 0 ? null : new(target.OwnAccount, target.Accounts[0])
            {
                MorePeers = [.. target.Accounts.Skip(1)],
                Algorithms = target.ChapAlgorithms,
            },
        };
    }

    /// <summary>A further connection of a session: there is never room for one (MaxConnections=1). RFC 7143 §6.3.4.</summary>
    private LoginStatus ResolveJoin(LoginIdentity identity)
    {
        if (host.FindTsih(identity.Tsih) is not { } session || session.Connection.State >= ConnectionState.Closing) return LoginStatus.SessionDoesNotExist;
        if (session.Identity.InitiatorName != identity.InitiatorName || session.Identity.Isid != identity.Isid) return LoginStatus.SessionDoesNotExist;
        return session.Identity.Cid == identity.Cid ? LoginStatus.CannotIncludeInSession : LoginStatus.TooManyConnections;
    }

    public LoginStatus Admit(TargetLogin login, out ushort tsih)
    {
        tsih = 0;
        var identity = login.Identity!;
        var bound = identity.IsDiscovery ? null : target;
        var old = bound is null ? null : host.FindPort(identity, bound);
        if (bound is { MaxSessions: > 0 } && old is null && host.CountSessions(bound) >= bound.MaxSessions) return LoginStatus.OutOfResources;
        var session = host.OpenSession(identity, bound, connection, login);
        if (!connection.Begin(session))
        {
            host.SessionOver(session);
            return LoginStatus.OutOfResources;
        }
        session.Predecessor?.Connection.Close(CloseReason.Reinstated);
        if (session.Predecessor is { IsOver: true }) session.Predecessor = null;
        tsih = session.Tsih;
        return LoginStatus.Success;
    }

    public void Draw(Span<byte> bytes)
    {
        foreach (ref var b in bytes) b = (byte)host.Executor.Chooser.Draw(8, new(ChoiceKind.Value, $"{host.Executor.Name} chap"));
    }
}
