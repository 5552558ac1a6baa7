using Weft.Initiator.Commands;

namespace Weft.Initiator.Recovery;

/// <summary>
/// What happens to commands whose timer has expired: abort, then logical unit reset, then target reset, then the connection is dropped, each
/// step when the one before failed or was not answered in time. One command at a time, in the order in which they expired.
/// </summary>
internal class ErrorHandler(InitiatorSession session, SessionTimeouts timeouts)
{
    private readonly Queue<DiskCommand> expired = [];
    private DiskCommand? current;
    private int round;

    public EscalationStep Step { get; private set; }

    /// <summary>While it resets, no command may start: the reset would end it.</summary>
    internal virtual bool HoldsCommands => Step >= EscalationStep.LunReset;

    public void OnExpired(DiskCommand command)
    {
        if (command.IsExpired) return;
        command.IsExpired = true;
        expired.Enqueue(command);
        if (Step == EscalationStep.Idle) Next();
    }

    /// <summary>The connection is gone, and with it everything that was to be aborted.</summary>
    public void OnConnectionLost()
    {
        round++;
        expired.Clear();
        current = null;
        Step = EscalationStep.Idle;
    }

    private void Next()
    {
        Step = EscalationStep.Idle;
        current = null;
        while (expired.TryDequeue(out var command))
        {
            if (!IsOpen(command)) continue;
            current = command;
            Run(EscalationStep.Abort);
            return;
        }
        session.Pump();
    }

    // The command may have ended, and may even be in use again, since it expired.
    private static bool IsOpen(DiskCommand command) => command.Stage == CommandStage.Running && command.IsExpired;

    private void Run(EscalationStep step)
    {
        Step = step;
        var mine = round;
        session.StartTaskManagement(new()
        {
            Function = step switch
            {
                EscalationStep.Abort => TaskFunction.AbortTask,
                EscalationStep.LunReset => TaskFunction.LunReset,
                _ => TaskFunction.TargetReset,
            },
            Lun = current!.Lun,
            Command = step == EscalationStep.Abort ? current : null,
            CommandOutcome = step == EscalationStep.Abort ? CommandOutcome.TimedOut : CommandOutcome.Reset,
            Timeout = step switch
            {
                EscalationStep.Abort => timeouts.Abort,
                EscalationStep.LunReset => timeouts.LunReset,
                _ => timeouts.TargetReset,
            },
            Finished = outcome =>
            {
                if (mine == round) OnFinished(outcome);
            },
        });
    }

    private void OnFinished(TaskManagementOutcome outcome)
    {
        if (outcome == TaskManagementOutcome.ConnectionLost) return; // OnConnectionLost comes, or has come
        if (HasSucceeded(outcome, current!))
        {
            Next();
            return;
        }
        if (outcome == TaskManagementOutcome.TimedOut && timeouts.DropWhenTaskManagementTimesOut || Step == EscalationStep.TargetReset)
        {
            session.DropConnection($"{Step} of a command that timed out: {outcome}");
            return;
        }
        Run(Step + 1);
    }

    /// <summary>
    /// Success is the target's word, or that the command ended meanwhile: an abort that crosses its command's response is answered with
    /// "task does not exist", and has done what was wanted.
    /// </summary>
    internal virtual bool HasSucceeded(TaskManagementOutcome outcome, DiskCommand command) =>
        outcome == TaskManagementOutcome.Complete || outcome == TaskManagementOutcome.TaskNotFound && !IsOpen(command);
}
