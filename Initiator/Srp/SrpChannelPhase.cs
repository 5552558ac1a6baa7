namespace Weft.Initiator.Srp;

/// <summary>Life of one channel; it only goes forward.</summary>
internal enum SrpChannelPhase : byte
{
    Connecting,
    Ready,
    /// <summary>Disconnecting, waiting for both queues to drain.</summary>
    Closing,
    /// <summary>Drained: no memory is in use; only the CM may still be waiting for its peer.</summary>
    Drained,
    /// <summary>Everything is given back.</summary>
    Released,
}
