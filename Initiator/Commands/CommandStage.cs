namespace Weft.Initiator.Commands;

/// <summary>Where a command is.</summary>
internal enum CommandStage : byte
{
    /// <summary>With the caller.</summary>
    Idle,
    /// <summary>Waits for the session, the command window or a free slot.</summary>
    Queued,
    /// <summary>Waits before it is sent again.</summary>
    Delayed,
    /// <summary>Sent, or being cleaned up after its answer.</summary>
    Running,
    /// <summary>Ended; its callback runs in a moment.</summary>
    Ending,
}
