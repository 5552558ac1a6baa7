namespace Weft.Initiator.Srp;

/// <summary>State of the remote port, as scsi_transport_srp shows it.</summary>
public enum SrpPortState : byte
{
    Running,
    /// <summary>The connection is lost; commands wait.</summary>
    Blocked,
    /// <summary>For longer than fast_io_fail_tmo: commands fail at once.</summary>
    FailFast,
    /// <summary>Given up, or logged out.</summary>
    Lost,
}
