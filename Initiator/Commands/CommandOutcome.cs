namespace Weft.Initiator.Commands;

/// <summary>How a command ended, below SCSI. Only <see cref="Completed"/> has a SCSI status.</summary>
public enum CommandOutcome : byte
{
    /// <summary>The target answered: status, sense and residual are valid.</summary>
    Completed,
    /// <summary>The connection was lost while it ran, and no retries were left. Whether the target did it is unknown.</summary>
    TransportDisrupted,
    /// <summary>No session for longer than the replacement timeout, or the session was closed, before the command could run.</summary>
    TransportFailed,
    /// <summary>Its timer expired and the error handler ended it.</summary>
    TimedOut,
    /// <summary>Ended by a reset of its logical unit or target.</summary>
    Reset,
    /// <summary>Ended by the caller's abort.</summary>
    Aborted,
    /// <summary>The target refused it below SCSI: response code not 0, or a Reject.</summary>
    TargetFailure,
    /// <summary>The target's answer makes no sense, e.g. a residual longer than the data.</summary>
    ProtocolError,
    /// <summary>It cannot be sent: data longer than the session's limit, or no memory region for it.</summary>
    Refused,
}
