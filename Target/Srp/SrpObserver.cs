using Weft.Protocol.Srp;
using Weft.Target.Sessions;

namespace Weft.Target.Srp;

/// <summary>Hears what happens in an SRP target. Every call is on the executor, and none may throw or change anything.</summary>
public abstract class SrpObserver
{
    /// <param name="initiator">Where the request came from.</param>
    /// <param name="login">The request, if it could be read.</param>
    public virtual void LoginRefused(string initiator, SrpLoginRequest? login, SrpLoginRejectReason reason)
    {
    }

    public virtual void ChannelAccepted(SrpChannel channel)
    {
    }

    /// <summary>A request came before the channel was live, or while no context was free, and waits.</summary>
    public virtual void RequestHeld(SrpChannel channel)
    {
    }

    public virtual void ChannelLive(SrpChannel channel)
    {
    }

    /// <summary>The channel begins to close; once, however many of its requests are flushed for it.</summary>
    public virtual void ChannelClosing(SrpChannel channel, CloseReason reason)
    {
    }

    /// <summary>No completion came within <see cref="SrpTargetOptions.CompletionTimeout"/>.</summary>
    public virtual void CompletionOverdue(SrpChannel channel)
    {
    }

    public virtual void ChannelReleased(SrpChannel channel)
    {
    }
}
