namespace Weft.Target.Srp;

/// <summary>Where a channel stands; it only goes forward.</summary>
public enum SrpChannelState : byte
{
    /// <summary>The login is answered; what arrives waits until the connection is established.</summary>
    Connecting,
    Live,
    /// <summary>Being disconnected: the queue pair flushes, commands come back.</summary>
    Draining,
    /// <summary>Nothing of it is left.</summary>
    Closed,
}
