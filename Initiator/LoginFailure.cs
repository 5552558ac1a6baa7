namespace Weft.Initiator;

/// <summary>Why a login failed, in the terms of open-iscsi's exit codes.</summary>
public enum LoginFailure : byte
{
    /// <summary>No connection: no route, no listener, refused.</summary>
    Transport,
    /// <summary>No answer in time.</summary>
    Timeout,
    /// <summary>Authentication or authorization.</summary>
    Authorization,
    /// <summary>The target refused for good.</summary>
    Fatal,
    /// <summary>The target refused for now, more often than the retries allow.</summary>
    Retriable,
    /// <summary>The peer broke the protocol, or values could not be agreed on.</summary>
    Negotiation,
    /// <summary>The session was closed by its user meanwhile.</summary>
    Closed,
}
