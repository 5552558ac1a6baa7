namespace Weft.Fabric.Sim;

/// <summary>How a run ended.</summary>
public enum RunOutcome : byte
{
    Passed,
    /// <summary>A claim, a check or the code itself failed.</summary>
    Failed,
    /// <summary>The script waits and nothing can happen any more.</summary>
    Deadlock,
    EventLimit,
    TimeLimit,
    /// <summary>Given up by the chooser: every continuation equals a run that was already made. Says nothing about the scenario.</summary>
    Cut,
}
