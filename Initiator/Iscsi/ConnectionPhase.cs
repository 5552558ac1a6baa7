namespace Weft.Initiator.Iscsi;

/// <summary>Life of one connection; it only goes forward.</summary>
internal enum ConnectionPhase : byte
{
    Connecting,
    LoggingIn,
    FullFeature,
    /// <summary>A Logout Request is out: nothing new starts.</summary>
    LoggingOut,
    /// <summary>Disconnecting, waiting for both queues to drain.</summary>
    Closing,
    /// <summary>Drained: no memory is in use; only the CM may still be waiting for its peer.</summary>
    Drained,
    /// <summary>Everything is given back.</summary>
    Released,
}
