using Weft.Initiator.Commands;
using Weft.Protocol.Iscsi;

namespace Weft.Initiator.Iscsi;

/// <summary>Who a connection works for: a session, or a discovery.</summary>
internal interface IConnectionOwner
{
    /// <summary>Login is done; commands may start.</summary>
    void OnLoggedIn(IscsiConnection connection);

    /// <summary>It has begun to end: nothing may be started on it. Comes once.</summary>
    void OnLost(IscsiConnection connection, ConnectionLoss loss);

    /// <summary>It can touch no memory any more; what ran on it is the owner's to end or send again.</summary>
    void OnDrained(IscsiConnection connection);

    /// <summary>Nothing of it is left.</summary>
    void OnReleased(IscsiConnection connection);

    /// <summary>A command has ended and its memory is free.</summary>
    void OnCommandEnded(DiskCommand command, CommandOutcome outcome);

    /// <summary>More commands may fit than before.</summary>
    void OnCapacity();

    /// <summary>A Text Response (RFC 7143 §11.11); only to what the owner asked.</summary>
    void OnText(IscsiConnection connection, in TextResponsePdu response, ReadOnlySpan<byte> text);

    /// <summary>An Async Message that the connection does not act on itself as well.</summary>
    void OnAsyncMessage(in AsyncMessagePdu message, ReadOnlySpan<byte> data);
}
