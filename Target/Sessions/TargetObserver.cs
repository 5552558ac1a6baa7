using Weft.Protocol.Iscsi.Login;

namespace Weft.Target.Sessions;

/// <summary>Hears what happens in a host. Every call is on the executor, and none may throw or change anything.</summary>
public abstract class TargetObserver
{
    public virtual void ConnectionAccepted(TargetConnection connection)
    {
    }

    /// <summary>A connection request was turned away because too many logins are under way.</summary>
    public virtual void LoginSlotsExhausted(string portal)
    {
    }

    /// <summary>A PDU came before the connection was established, and waits for that.</summary>
    public virtual void PduHeld(TargetConnection connection)
    {
    }

    public virtual void LoginRefused(TargetConnection connection, TargetLogin login)
    {
    }

    public virtual void SessionOpened(Session session)
    {
    }

    public virtual void SessionClosed(Session session)
    {
    }

    public virtual void ConnectionClosing(TargetConnection connection, CloseReason reason, Violation? violation)
    {
    }

    public virtual void ConnectionReleased(TargetConnection connection)
    {
    }
}
