namespace Weft.Target.Commands;

/// <summary>What the initiator gets when a command takes an edge.</summary>
public enum TaskOutcome : byte
{
    None,
    /// <summary>Status, sense and residuals.</summary>
    Response,
    /// <summary>Status TASK ABORTED when another nexus aborted it and the TAS bit is set, otherwise nothing. SAM-5 §5.3.1.</summary>
    AbortOutcome,
}
