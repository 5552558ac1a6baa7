using Weft.Initiator.Commands;

namespace Weft.Initiator.Recovery;

/// <summary>
/// Which commands are sent again: those that allow it (<see cref="DiskCommand.Retries"/>), for reasons that a second try can cure. The
/// rules of a Linux block device; a pass-through command allows none.
/// </summary>
internal class RetryRules
{
    internal virtual RetryDecision Decide(DiskCommand command)
    {
        if (command.RetriesLeft <= 0) return RetryDecision.Finish;
        return command.Outcome switch
        {
            CommandOutcome.TransportDisrupted or CommandOutcome.TimedOut or CommandOutcome.Reset => RetryDecision.Again,
            CommandOutcome.Completed => DecideByStatus(command),
            _ => RetryDecision.Finish,
        };
    }

    private static RetryDecision DecideByStatus(DiskCommand command) => command.Status switch
    {
        ScsiStatus.Busy or ScsiStatus.TaskSetFull => RetryDecision.Later,
        ScsiStatus.TaskAborted => RetryDecision.Again,
        ScsiStatus.CheckCondition when Sense.TryRead(command.Sense, out var sense) => sense.Key switch
        {
            SenseKey.UnitAttention => RetryDecision.Again,
            SenseKey.AbortedCommand => RetryDecision.Again,
            SenseKey.NotReady when sense.Additional == AdditionalSense.BecomingReady => RetryDecision.Later,
            _ => RetryDecision.Finish,
        },
        _ => RetryDecision.Finish,
    };
}
