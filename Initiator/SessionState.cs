namespace Weft.Initiator;

/// <summary>What a session can do for its commands.</summary>
public enum SessionState : byte
{
    /// <summary>First login is under way; commands wait.</summary>
    LoggingIn,
    LoggedIn,
    /// <summary>The connection is lost and login is tried again; commands wait until the replacement timeout.</summary>
    Recovering,
    /// <summary>Logged out, or given up; commands fail.</summary>
    Closed,
}
