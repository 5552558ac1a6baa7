using Weft.Initiator.Commands;
using Weft.Initiator.Recovery;

namespace Weft.Initiator;

/// <summary>
/// A session with a target, whatever its transport: a queue of commands, their timers, retries and error handling, and the wait for a
/// session that was lost. It outlives its connections.
/// </summary>
public abstract class InitiatorSession
{
    private readonly CommandQueue waiting = new();
    private readonly CommandQueue running = new();
    private readonly CommandQueue delayed = new();
    private readonly CommandQueue ending = new();
    private readonly EndingItem endingItem;
    private readonly Timer commandTimer;
    private readonly Timer delayTimer;
    private readonly Timer replacementTimer;
    private readonly ErrorHandler errorHandler;
    private readonly RetryRules retryRules;
    private readonly AsyncCommandPool asyncCommands;
    private bool isFailingFast;

    private protected InitiatorSession(InitiatorHost host, string targetName, SessionTimeouts timeouts)
    {
        (Host, TargetName, Timeouts) = (host, targetName, timeouts);
        Executor = host.Executor;
        endingItem = new(this);
        asyncCommands = new(host.Lane);
        commandTimer = Executor.CreateTimer($"{targetName} commands", OnCommandTimer);
        delayTimer = Executor.CreateTimer($"{targetName} busy", OnDelayTimer);
        replacementTimer = Executor.CreateTimer($"{targetName} replacement", OnReplacementTimeout);
        errorHandler = CreateErrorHandler();
        retryRules = CreateRetryRules();
    }

    public InitiatorHost Host { get; }
    public string TargetName { get; }
    public SessionTimeouts Timeouts { get; }
    public SessionState State { get; private set; } = SessionState.LoggingIn;
    /// <summary>Called when <see cref="State"/> has changed.</summary>
    public event Action<InitiatorSession>? StateChanged;
    /// <summary>Commands sent and not yet ended.</summary>
    public int RunningCommands => running.Count;
    /// <summary>Commands that wait for the session, the window, a free slot or the end of a pause.</summary>
    public int WaitingCommands => waiting.Count + delayed.Count;
    /// <summary>Commands that were sent again, and ones that were not.</summary>
    public long Retries { get; private set; }
    /// <summary>How often it has logged in.</summary>
    public abstract int Logins { get; }
    /// <summary>Why the last connection ended or was not made; null if none has.</summary>
    public abstract string? LastProblem { get; }
    /// <summary>Called when the target reports an event of a logical unit with sense data.</summary>
    public event Action<InitiatorSession, Lun, Sense>? ScsiEvent;
    /// <summary>Longest data of one command, in bytes.</summary>
    public abstract int MaxDataLength { get; }

    internal IExecutor Executor { get; }
    private protected CommandQueue Running => running;
    private protected bool IsHolding => errorHandler.HoldsCommands;
    /// <summary>The replacement timeout is over: commands fail at once.</summary>
    private protected bool IsFailingFast => isFailingFast;

    internal virtual ErrorHandler CreateErrorHandler() => new(this, Timeouts);
    internal virtual RetryRules CreateRetryRules() => new();

    /// <summary>Starts a command, or queues it while the session or its window is not open. It never ends inside this call.</summary>
    /// <exception cref="InvalidOperationException">The command is under way already, or has no CDB.</exception>
    public void Submit(DiskCommand command)
    {
        if (command.IsBusy) throw new InvalidOperationException("the command is under way");
        if (command.CdbLength == 0) throw new InvalidOperationException("the command has no CDB");
        command.ClearResult();
        command.RetriesLeft = command.Retries;
        if (command.Data.Length > MaxDataLength) EndLater(command, CommandOutcome.Refused);
        else Queue(command, first: false);
    }

    /// <summary>Runs a CDB and gives status, sense and residual back as a value. No retries.</summary>
    public async ValueTask<CommandResult> ExecuteAsync(
        Lun lun, Cdb cdb, Memory<byte> data = default, DataDirection? direction = null, Duration timeout = default)
    {
        var command = asyncCommands.Rent();
        try
        {
            command.SetCdb(cdb);
            (command.Lun, command.Data, command.Timeout, command.Retries) = (lun, data, timeout, 0);
            command.Direction = data.IsEmpty ? DataDirection.None : direction ?? command.Direction;
            await RunAsync(command);
            return command.ToResult();
        }
        finally
        {
            asyncCommands.Return(command);
        }
    }

    internal AsyncCommand RentCommand() => asyncCommands.Rent();
    internal void ReturnCommand(AsyncCommand command) => asyncCommands.Return(command);

    internal ValueTask<bool> RunAsync(AsyncCommand command)
    {
        var task = command.Begin();
        Submit(command);
        return task;
    }

    /// <summary>Logical units that the target reports. SPC-4 §6.33.</summary>
    /// <exception cref="ScsiException">The target refused REPORT LUNS.</exception>
    public async ValueTask<IReadOnlyList<Lun>> ListLunsAsync()
    {
        for (var length = LunList.LengthFor(64); ; )
        {
            var data = new byte[length];
            var result = await ExecuteAsync(default, Cdb.ReportLuns((uint)length), data);
            if (!result.IsGood) throw new ScsiException("REPORT LUNS", result);
            if (!LunList.TryRead(data, out var present, out var total)) return [];
            if (total > present && LunList.LengthFor(total) > length)
            {
                length = LunList.LengthFor(total);
                continue;
            }
            var luns = new Lun[present];
            for (var i = 0; i < present; i++) luns[i] = LunList.Entry(data, i);
            return luns;
        }
    }

    public Disk OpenDisk(Lun lun) => new(this, lun);
    public Disk OpenDisk(int lun) => new(this, Lun.From(lun));

    /// <summary>
    /// Ends a command with <see cref="CommandOutcome.Aborted"/>, by ABORT TASK if it runs. If its response comes first, the response counts
    /// and the answer is <see cref="TaskManagementOutcome.TaskNotFound"/>.
    /// </summary>
    public ValueTask<TaskManagementOutcome> AbortAsync(DiskCommand command)
    {
        switch (command.Stage)
        {
            case CommandStage.Queued or CommandStage.Delayed:
                command.Queue!.Remove(command);
                EndLater(command, CommandOutcome.Aborted);
                if (delayed.Count == 0) delayTimer.Cancel();
                return new(TaskManagementOutcome.Complete);
            case CommandStage.Running:
                return ManageAsync(TaskFunction.AbortTask, command.Lun, command, Timeouts.Abort, CommandOutcome.Aborted);
            default:
                return new(TaskManagementOutcome.TaskNotFound);
        }
    }

    public ValueTask<TaskManagementOutcome> AbortTaskSetAsync(Lun lun) =>
        ManageAsync(TaskFunction.AbortTaskSet, lun, null, Timeouts.Abort, CommandOutcome.Aborted);

    /// <summary>Resets a logical unit; its running commands end with <see cref="CommandOutcome.Reset"/> or are sent again.</summary>
    public ValueTask<TaskManagementOutcome> ResetLunAsync(Lun lun) =>
        ManageAsync(TaskFunction.LunReset, lun, null, Timeouts.LunReset, CommandOutcome.Reset);

    /// <summary>Resets all logical units of the target (warm reset).</summary>
    public ValueTask<TaskManagementOutcome> ResetTargetAsync() =>
        ManageAsync(TaskFunction.TargetReset, default, null, Timeouts.TargetReset, CommandOutcome.Reset);

    private ValueTask<TaskManagementOutcome> ManageAsync(TaskFunction function, Lun lun, DiskCommand? command, Duration timeout, CommandOutcome ends)
    {
        var done = new Completion<TaskManagementOutcome>(Host.Lane, $"{function} at {TargetName}");
        StartTaskManagement(new()
        {
            Function = function, Lun = lun, Command = command, Timeout = timeout, CommandOutcome = ends,
            Finished = outcome => done.TrySetResult(outcome),
        });
        return done.Task;
    }

    /// <summary>Logs out and gives everything back. Commands that still wait or run end with <see cref="CommandOutcome.TransportFailed"/>.</summary>
    public abstract ValueTask LogoutAsync();

    // What a transport provides.

    /// <summary>Whether the transport can take this command now.</summary>
    private protected abstract bool CanStart(DiskCommand command);

    /// <summary>Sends a command; <see cref="Finish"/> follows unless the connection is lost first.</summary>
    private protected abstract void Start(DiskCommand command);

    /// <summary>Carries out a task management function, or ends it as ConnectionLost.</summary>
    internal abstract void StartTaskManagement(TaskManagementJob job);

    /// <summary>
    /// Disconnects without logging out, as error handling does when it got nowhere, or an operator. The session logs in again; does nothing
    /// while there is no connection.
    /// </summary>
    public abstract void DropConnection(string why);

    // What a transport calls.

    private protected void RaiseScsiEvent(Lun lun, in Sense sense) => ScsiEvent?.Invoke(this, lun, sense);

    /// <summary>Sends waiting commands as far as the transport takes them.</summary>
    internal void Pump()
    {
        while (State == SessionState.LoggedIn && !IsHolding && waiting.First is { } command && CanStart(command))
        {
            waiting.Remove(command);
            running.Add(command);
            command.Stage = CommandStage.Running;
            command.IsExpired = false;
            SetDeadline(command);
            Start(command);
        }
    }

    /// <summary>A running command has ended and its memory is its owner's again.</summary>
    internal void Finish(DiskCommand command, CommandOutcome outcome)
    {
        running.Remove(command);
        if (running.Count == 0) commandTimer.Cancel();
        command.Outcome = outcome;
        command.IsExpired = false;
        switch (Decide(command))
        {
            case RetryDecision.Again:
                Retry(command);
                Queue(command, first: true);
                break;
            case RetryDecision.Later:
                Retry(command);
                command.Stage = CommandStage.Delayed;
                command.Deadline = Executor.Now + Timeouts.Busy;
                delayed.Add(command);
                if (!delayTimer.IsArmed) delayTimer.Arm(command.Deadline);
                break;
            default:
                End(command);
                break;
        }
    }

    private RetryDecision Decide(DiskCommand command) =>
        State == SessionState.Closed || isFailingFast ? RetryDecision.Finish : retryRules.Decide(command);

    private void Retry(DiskCommand command)
    {
        command.RetriesLeft--;
        command.ClearResult();
        Retries++;
    }

    /// <summary>
    /// The connection is gone and nothing of it can touch memory any more: running commands end or go back to the head of the queue, in
    /// the order in which they were sent. <paramref name="detach"/> tells how each one stands.
    /// </summary>
    private protected void ReturnRunning(Func<DiskCommand, CommandOutcome> detach)
    {
        CommandQueue back = new();
        while (running.TryTake(out var command))
        {
            command.Outcome = detach(command);
            command.IsExpired = false;
            if (command.Outcome == CommandOutcome.TransportDisrupted && State == SessionState.Closed) command.Outcome = CommandOutcome.TransportFailed;
            if (Decide(command) == RetryDecision.Finish) EndLater(command, command.Outcome);
            else back.Add(command);
        }
        commandTimer.Cancel();
        var last = default(DiskCommand);
        for (var command = back.First; command is not null; command = command.Next) last = command;
        while (last is not null)
        {
            var previous = last.Previous;
            back.Remove(last);
            Retry(last);
            last.Stage = CommandStage.Queued;
            waiting.AddFirst(last);
            last = previous;
        }
    }

    /// <summary>The session is usable: commands flow.</summary>
    private protected void EnterLoggedIn()
    {
        replacementTimer.Cancel();
        isFailingFast = false;
        SetState(SessionState.LoggedIn);
        Pump();
    }

    /// <summary>The connection is lost; commands wait for the next one, but not for ever.</summary>
    private protected void EnterRecovering()
    {
        errorHandler.OnConnectionLost();
        if (State != SessionState.LoggedIn) return;
        SetState(SessionState.Recovering);
        if (Timeouts.Replacement <= Duration.Zero) OnReplacementTimeout();
        else if (!Timeouts.Replacement.IsInfinite) replacementTimer.Arm(Executor.Now + Timeouts.Replacement);
    }

    /// <summary>No command will run any more.</summary>
    private protected void EnterClosed()
    {
        errorHandler.OnConnectionLost();
        replacementTimer.Cancel();
        SetState(SessionState.Closed);
        FailWaiting();
    }

    private void SetState(SessionState state)
    {
        if (State == state) return;
        State = state;
        StateChanged?.Invoke(this);
    }

    // Queueing and ending.

    /// <summary>Commands fail at once instead of waiting: there is no session to come, or nobody believes in it any more.</summary>
    internal virtual bool IsRefusing => State == SessionState.Closed || isFailingFast;

    private void Queue(DiskCommand command, bool first)
    {
        if (IsRefusing)
        {
            EndLater(command, CommandOutcome.TransportFailed);
            return;
        }
        command.Stage = CommandStage.Queued;
        if (first) waiting.AddFirst(command);
        else waiting.Add(command);
        Pump();
    }

    private void FailWaiting()
    {
        delayTimer.Cancel();
        while (delayed.TryTake(out var command)) EndLater(command, CommandOutcome.TransportFailed);
        while (waiting.TryTake(out var command)) EndLater(command, CommandOutcome.TransportFailed);
    }

    private static void End(DiskCommand command)
    {
        command.Stage = CommandStage.Idle;
        command.Completed?.Invoke(command);
    }

    // For ends that are not the answer of a target: the callback must not run inside the caller's own call.
    private void EndLater(DiskCommand command, CommandOutcome outcome)
    {
        command.Outcome = outcome;
        command.Stage = CommandStage.Ending;
        ending.Add(command);
        if (!endingItem.IsPosted) Host.Lane.Post(endingItem);
    }

    private void EndAll()
    {
        for (var count = ending.Count; count > 0 && ending.TryTake(out var command); count--) End(command);
        if (ending.Count > 0 && !endingItem.IsPosted) Host.Lane.Post(endingItem);
    }

    private sealed class EndingItem(InitiatorSession session) : WorkItem
    {
        public override void Run() => session.EndAll();
    }

    // Timers.

    // One timer for all commands: it only has to move when a command is due earlier than all others.
    private void SetDeadline(DiskCommand command)
    {
        var timeout = command.Timeout == Duration.Zero ? Timeouts.Command : command.Timeout;
        command.Deadline = Executor.Now + timeout;
        if (command.Deadline < commandTimer.Deadline) commandTimer.Arm(command.Deadline);
    }

    private void OnCommandTimer()
    {
        var next = Instant.Never;
        for (var command = running.First; command is not null;)
        {
            var following = command.Next;
            if (command.Deadline <= Executor.Now)
            {
                command.Deadline = Instant.Never;
                errorHandler.OnExpired(command);
                if (following is not null && following.Queue != running) break; // error handling emptied the list
            }
            else
            {
                next = Instant.Min(next, command.Deadline);
            }
            command = following;
        }
        if (running.Count > 0 && !next.IsNever) commandTimer.Arm(next);
    }

    private void OnDelayTimer()
    {
        while (delayed.First is { } command && command.Deadline <= Executor.Now)
        {
            delayed.Remove(command);
            Queue(command, first: false);
        }
        if (delayed.First is { } next) delayTimer.Arm(next.Deadline);
    }

    private void OnReplacementTimeout()
    {
        isFailingFast = FailsAfterReplacementTimeout;
        if (isFailingFast) FailWaiting();
    }

    /// <summary>After the replacement timeout, waiting and new commands fail until there is a session again.</summary>
    internal virtual bool FailsAfterReplacementTimeout => true;
}
