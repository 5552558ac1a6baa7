using Weft.Initiator.Commands;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;

namespace Weft.Initiator.Iscsi;

/// <summary>
/// One iSCSI connection from connect to release, whatever carries it: login, numbering, pings, task management, logout, and what the target
/// says on its own. With one connection a session and ErrorRecoveryLevel 0 it is also one life of the session on the wire.
/// The transport below fills in the abstract members.
/// </summary>
internal abstract partial class IscsiConnection
{
    private readonly InitiatorLogin login;
    private readonly Timer phaseTimer;
    private readonly Timer pingTimer;
    private readonly Timer taskManagementTimer;
    private readonly Queue<TaskManagementJob> jobs = [];
    private InitiatorWindow window = new(default);
    private StatSn expStatSn;
    private IscsiTask? ping;
    private IscsiTask? management;
    private IscsiTask? textTask;
    private Instant lastReceived;
    private Duration? time2Wait;
    private bool isEndingTasks;

    private protected IscsiConnection(IConnectionOwner owner, IExecutor executor, IChallengeSource challenges, ConnectionSettings settings)
    {
        (Owner, Executor, Settings) = (owner, executor, settings);
        login = new(settings.Login, challenges);
        phaseTimer = executor.CreateTimer($"{settings.Name} login", OnPhaseTimeout);
        pingTimer = executor.CreateTimer($"{settings.Name} ping", OnPingTimer);
        taskManagementTimer = executor.CreateTimer($"{settings.Name} task management", OnTaskManagementTimeout);
        Tasks = new(settings.Login.IsDiscovery ? 0 : settings.Options.MaxCommands, CreateTask);
    }

    public ConnectionPhase Phase { get; private set; } = ConnectionPhase.Connecting;
    public ConnectionSettings Settings { get; }
    public SessionOptions Options => Settings.Options;
    public SessionTimeouts Timeouts => Options.Timeouts;
    public bool IsDiscovery => Settings.Login.IsDiscovery;
    /// <summary>What login agreed on; valid from full feature phase on.</summary>
    public SessionParameters Parameters => login.Parameters;
    public ushort Tsih => login.Tsih;
    public ConnectionLoss? Loss { get; private set; }
    public InitiatorWindow Window => window;
    /// <summary>Rules that the target broke without harm: counted, and the last one kept.</summary>
    public int ToleratedViolations { get; private set; }
    public Violation? LastViolation { get; private set; }
    public bool IsOpen => Phase < ConnectionPhase.Closing;
    public int BusyTasks => Tasks.Busy;
    /// <summary>Whether the login that was sent last asks to leave for full feature phase.</summary>
    private protected bool IsFinalLogin { get; private set; }
    private protected IConnectionOwner Owner { get; }
    private protected IExecutor Executor { get; }
    private protected TaskTable Tasks { get; }
    private protected StatSn ExpStatSn => expStatSn;

    // What the transport provides.

    private protected abstract IscsiTask CreateTask(int slot);

    /// <summary>Starts to connect; <see cref="OnConnected"/> or <see cref="Lose"/> follows.</summary>
    private protected abstract void Open();

    /// <summary>Room for the text of the next login request, at least 8192 bytes.</summary>
    private protected abstract Span<byte> LoginText { get; }

    /// <summary>Sends a login request whose text is in <see cref="LoginText"/>.</summary>
    private protected abstract void SendLogin(in LoginRequestPdu request);

    /// <summary>Whether a control PDU can be sent now.</summary>
    private protected abstract bool CanSendControl { get; }

    /// <summary>Sends a PDU without command data. The task, if any, must not end before the send has completed.</summary>
    private protected abstract void SendControl(IscsiTask? task, in Bhs header, ReadOnlySpan<byte> data);

    private protected abstract bool CanSendCommand(DiskCommand command);

    /// <summary>Sends the task's command; numbers and tag are given in <paramref name="header"/>, the transport adds data and its length.</summary>
    private protected abstract void SendCommand(IscsiTask task, ScsiCommandPdu header);

    /// <summary>The task is answered: takes its memory back, then calls <see cref="EndTask"/>.</summary>
    private protected abstract void Settle(IscsiTask task);

    /// <summary>Disconnects and drains; <see cref="OnTransportDrained"/> and <see cref="OnTransportReleased"/> follow.</summary>
    private protected abstract void Close();

    // Connect and login.

    public void Start()
    {
        phaseTimer.Arm(Executor.Now + Timeouts.Login);
        Open();
    }

    private protected void OnConnected()
    {
        if (Phase != ConnectionPhase.Connecting) return;
        Phase = ConnectionPhase.LoggingIn;
        login.Start(LoginText, out var request);
        Send(request);
    }

    private void Send(in LoginRequestPdu request)
    {
        IsFinalLogin = request.Transit && request.NextStage == LoginStage.FullFeature;
        SendLogin(request);
    }

    private void OnLoginResponse(in LoginResponsePdu response, ReadOnlySpan<byte> data)
    {
        if (login.Handle(response, data, LoginText, out var request))
        {
            Send(request);
            return;
        }
        switch (login.State)
        {
            case InitiatorLoginState.FullFeature:
                EnterFullFeature();
                break;
            case InitiatorLoginState.Redirected:
                Lose(new(LossKind.LoginRefused, $"moved to {login.RedirectAddress}", login.Status, RedirectAddress: login.RedirectAddress));
                break;
            default:
                Lose(login.Status != LoginStatus.Success
                    ? new(LossKind.LoginRefused, $"{login.Status}", login.Status)
                    : new(LossKind.NegotiationFailed, login.Violation?.ToString() ?? "login failed"));
                break;
        }
    }

    private void EnterFullFeature()
    {
        phaseTimer.Cancel();
        expStatSn = login.ExpStatSn;
        window = new(Settings.Login.FirstCmdSn);
        window.Update(login.ExpCmdSn, login.MaxCmdSn);
        lastReceived = Executor.Now;
        Phase = ConnectionPhase.FullFeature;
        OnFullFeature();
        if (!IsDiscovery && Timeouts.PingInterval > Duration.Zero) pingTimer.Arm(Executor.Now + Timeouts.PingInterval);
        Owner.OnLoggedIn(this);
    }

    /// <summary>For the transport, before the first command.</summary>
    private protected virtual void OnFullFeature()
    {
    }

    private void OnPhaseTimeout()
    {
        if (Phase == ConnectionPhase.Drained) OnGoodbyeTimeout();
        else
        {
            Lose(Phase == ConnectionPhase.LoggingOut
                ? new(LossKind.LogoutTimeout, "no Logout Response", Time2Wait: time2Wait)
                : new(LossKind.LoginTimeout, $"not logged in within {Timeouts.Login}"));
        }
    }

    // Commands.

    public bool CanStart(DiskCommand command) =>
        Phase == ConnectionPhase.FullFeature && !isEndingTasks && Tasks.HasFreeCommand && HasWindow()
        && management?.Job is not { Function: not TaskFunction.AbortTask } && CanSendCommand(command);

    /// <summary>Whether CmdSN may be used: beyond MaxCmdSN the target throws commands away without a word. RFC 7143 §4.2.2.1.</summary>
    internal virtual bool HasWindow() => window.CanSend;

    public void StartCommand(DiskCommand command)
    {
        Tasks.TryBegin(TaskKind.Command, command, out var task);
        task!.CmdSn = TakeCmdSn();
        SendCommand(task, new()
        {
            IsRead = command.Direction == DataDirection.In && !command.Data.IsEmpty,
            IsWrite = command.Direction == DataDirection.Out && !command.Data.IsEmpty,
            Attribute = (TaskAttribute)command.Order,
            Lun = command.Lun,
            InitiatorTaskTag = task.Tag,
            ExpectedDataTransferLength = command.Direction == DataDirection.None ? 0 : (uint)command.Data.Length,
            CmdSn = task.CmdSn,
            ExpStatSn = expStatSn,
            Cdb = CdbBytes.From(command.Cdb),
        });
    }

    private protected virtual CmdSn TakeCmdSn() => window.Take();

    /// <summary>The answer of a command is known, its memory not yet free.</summary>
    private protected void Answer(IscsiTask task, CommandOutcome outcome)
    {
        if (task.IsAnswered) return;
        (task.IsAnswered, task.Outcome) = (true, outcome);
        task.Command?.MarkAnswered();
        Settle(task);
    }

    /// <summary>For the transport: all memory of an answered task is free.</summary>
    private protected void EndTask(IscsiTask task)
    {
        var (kind, command, outcome) = (task.Kind, task.Command, task.Outcome);
        Tasks.End(task);
        if (kind == TaskKind.Command) Owner.OnCommandEnded(command!, outcome);
        else StartNextJob();
        Owner.OnCapacity();
    }

    /// <summary>After draining: how a running command stands, and that it is no longer this connection's.</summary>
    public CommandOutcome Detach(DiskCommand command)
    {
        if (command.Task is not IscsiTask task || Tasks.Find(task.Tag) != task) return CommandOutcome.TransportDisrupted;
        var outcome = task.IsAnswered ? task.Outcome : CommandOutcome.TransportDisrupted;
        Tasks.End(task);
        return outcome;
    }

    // The end.

    /// <summary>Ends the connection; the first reason counts.</summary>
    public void Lose(ConnectionLoss loss)
    {
        if (!IsOpen) return;
        Loss = loss.Time2Wait is null && time2Wait is not null ? loss with { Time2Wait = time2Wait } : loss;
        Phase = ConnectionPhase.Closing;
        phaseTimer.Cancel();
        pingTimer.Cancel();
        taskManagementTimer.Cancel();
        Owner.OnLost(this, Loss);
        EndAllJobs();
        Close();
    }

    private protected void LoseByViolation(Violation violation) => Lose(new(LossKind.ProtocolError, violation.ToString()));

    private protected void Tolerate(Violation violation)
    {
        ToleratedViolations++;
        LastViolation = violation;
    }

    private protected void OnTransportDrained()
    {
        Phase = ConnectionPhase.Drained;
        foreach (var task in Tasks.All)
            if (task is { Kind: not (TaskKind.Free or TaskKind.Command) }) Tasks.End(task);
        Owner.OnDrained(this);
    }

    /// <summary>The peer has not answered the disconnect yet. It is given some time; what it says afterwards, the CM hears alone.</summary>
    private protected void AwaitGoodbye()
    {
        if (!phaseTimer.IsArmed) phaseTimer.Arm(Executor.Now + Timeouts.Disconnect);
    }

    /// <summary>The peer does not answer the disconnect in time.</summary>
    private protected abstract void OnGoodbyeTimeout();

    private protected void OnTransportReleased()
    {
        phaseTimer.Cancel();
        Phase = ConnectionPhase.Released;
        Owner.OnReleased(this);
    }
}
