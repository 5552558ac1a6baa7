using Weft.Initiator.Commands;

namespace Weft.Initiator.Srp;

/// <summary>
/// A session with an SRP target: an I_T nexus of one or several channels, and what scsi_transport_srp does when they are lost. All channels
/// live and die together: one that fails takes the others with it, and all are made again.
/// </summary>
public sealed class SrpSession : InitiatorSession
{
    /// <summary>Failed attempts after which the wait between them begins to grow.</summary>
    private const int SteadyAttempts = 10;

    private readonly Timer reconnectTimer;
    private readonly Timer deviceLossTimer;
    private readonly Completion<bool> firstLogin;
    private readonly List<SrpChannel> channels = [];
    private readonly List<SrpChannel> lingering = [];
    private readonly List<Completion<bool>> closers = [];
    private SrpChannel? chosen;
    private int nextChannel, logins, failedAttempts;
    private bool isClosing, isLosing, isGivenUp, wasLoggedIn;
    private string? lastProblem;

    internal SrpSession(InitiatorHost host, SrpAddTarget target, SrpOptions options)
        : base(host, $"SRP.T10:{target.IdExt:X16}", new SessionTimeouts
        {
            Command = options.CommandTimeout, Abort = options.TaskManagementTimeout, LunReset = options.TaskManagementTimeout,
            TargetReset = options.TaskManagementTimeout, Replacement = options.FastIoFailTimeout,
        })
    {
        (Target, Options, Limits) = (target, options, SrpLimits.Of(options, target, host.Device.Attributes.MaxQpWr));
        reconnectTimer = Executor.CreateTimer($"{TargetName} reconnect", StartAttempt);
        deviceLossTimer = Executor.CreateTimer($"{TargetName} dev_loss_tmo", OnDeviceLoss);
        firstLogin = new(host.Lane, $"login to {TargetName}");
    }

    public SrpAddTarget Target { get; }
    public SrpOptions Options { get; }
    internal SrpLimits Limits { get; }
    public override int MaxDataLength => Limits.DataLength;
    public override int Logins => logins;
    public override string? LastProblem => lastProblem;
    /// <summary>Channels of the present connection, or of the attempt.</summary>
    public int ChannelCount => channels.Count;
    /// <summary>What the target still takes: the least of all channels (req_lim).</summary>
    public int RequestLimit => channels.Count == 0 ? 0 : channels.Min(c => c.RequestLimit);

    public SrpPortState PortState => State switch
    {
        SessionState.Closed => SrpPortState.Lost,
        SessionState.Recovering => IsFailingFast ? SrpPortState.FailFast : SrpPortState.Blocked,
        _ => SrpPortState.Running,
    };

    /// <summary>Logs in for the first time; the session is closed if that fails, as writing to add_target fails.</summary>
    internal ValueTask<bool> BeginAsync()
    {
        StartAttempt();
        return firstLogin.Task;
    }

    private void StartAttempt()
    {
        isLosing = false;
        AddChannel();
    }

    /// <summary>The first login ends what the target still holds of this nexus, the others add to it.</summary>
    private void AddChannel()
    {
        var channel = new SrpChannel(this, channels.Count);
        channels.Add(channel);
        channel.Start();
    }

    internal void OnChannelReady()
    {
        if (isClosing)
        {
            CloseChannels();
            return;
        }
        if (channels.Count < (Target.ChannelCount ?? Options.ChannelCount)) AddChannel();
        else EnterReady();
    }

    private void EnterReady()
    {
        (failedAttempts, wasLoggedIn) = (0, true);
        logins++;
        deviceLossTimer.Cancel();
        firstLogin.TrySetResult(true);
        EnterLoggedIn();
    }

    internal void OnChannelLost(SrpChannel channel, string why)
    {
        lastProblem = why;
        if (isLosing) return;
        if (State != SessionState.LoggedIn && channel.Index > 0 && !isClosing && channels.TrueForAll(c => c == channel || c.IsReady))
            return; // a target may have fewer channels than we want: the login goes on with what there is, once this one is away
        isLosing = true;
        EnterRecovering();
        if (wasLoggedIn && !isClosing && !deviceLossTimer.IsArmed && !Options.DeviceLossTimeout.IsInfinite) deviceLossTimer.Arm(Executor.Now + Options.DeviceLossTimeout);
        foreach (var other in channels.ToArray()) other.Lose($"channel {channel.Index}: {why}");
    }

    internal void OnChannelDrained(SrpChannel channel)
    {
        lingering.Add(channel);
        if (!isLosing)
        {
            channels.Remove(channel);
            EnterReady();
            return;
        }
        foreach (var other in channels)
            if (other.Phase < SrpChannelPhase.Drained) return;
        channels.Clear();
        var isOver = isClosing || isGivenUp || !wasLoggedIn;
        if (isOver) EnterClosed();
        ReturnRunning(Detach);
        firstLogin.TrySetException(new LoginException(LoginFailure.Transport, 0, $"{Target}: {lastProblem}"));
        if (!isOver && !Options.ReconnectDelay.IsInfinite) reconnectTimer.Arm(Executor.Now + DelayBeforeLogin());
        CheckReleased();
    }

    /// <summary>reconnect_delay, and longer with each attempt after the tenth that failed.</summary>
    private Duration DelayBeforeLogin() => Options.ReconnectDelay * Math.Clamp(failedAttempts++ - SteadyAttempts, 1, 100);

    private static CommandOutcome Detach(DiskCommand command)
    {
        if (command.Task is not SrpRequest request) return CommandOutcome.TransportDisrupted;
        var outcome = request.IsAnswered ? request.Outcome : CommandOutcome.TransportDisrupted;
        request.End();
        return outcome;
    }

    /// <summary>The target did not come back: the host is removed.</summary>
    private void OnDeviceLoss()
    {
        isGivenUp = true;
        lastProblem = $"dev_loss_tmo: {lastProblem}";
        reconnectTimer.Cancel();
        EnterClosed();
        foreach (var channel in channels.ToArray()) channel.Lose("dev_loss_tmo");
        CheckReleased();
    }

    internal void OnChannelReleased(SrpChannel channel)
    {
        lingering.Remove(channel);
        CheckReleased();
    }

    private void CheckReleased()
    {
        if (State != SessionState.Closed || channels.Count > 0 || lingering.Count > 0) return;
        reconnectTimer.Cancel();
        deviceLossTimer.Cancel();
        Host.OnSessionReleased(this);
        foreach (var closer in closers) closer.TrySetResult(true);
        closers.Clear();
    }

    internal void OnCommandEnded(DiskCommand command, CommandOutcome outcome) => Finish(command, outcome);

    internal void OnCapacity() => Pump();

    internal void OnAsyncEvent(Lun lun, ReadOnlySpan<byte> data)
    {
        if (Sense.TryRead(data, out var sense)) RaiseScsiEvent(lun, sense);
    }

    /// <summary>Channels take turns, those without room left out.</summary>
    private protected override bool CanStart(DiskCommand command)
    {
        for (var i = 0; i < channels.Count; i++)
        {
            chosen = channels[(nextChannel + i) % channels.Count];
            if (chosen.CanSend) return true;
        }
        chosen = null;
        return false;
    }

    private protected override void Start(DiskCommand command)
    {
        nextChannel = (chosen!.Index + 1) % channels.Count;
        chosen.SendCommand(command);
    }

    internal override void StartTaskManagement(TaskManagementJob job)
    {
        var channel = job.Function == TaskFunction.AbortTask ? (job.Command?.Task as SrpRequest)?.Channel : channels.Count > 0 ? channels[0] : null;
        var isKnown = job.Function is TaskFunction.AbortTask or TaskFunction.LunReset || channels.Count <= 1;
        if (State != SessionState.LoggedIn || channels.Count == 0) job.Finished(TaskManagementOutcome.ConnectionLost);
        else if (channel is null) job.Finished(TaskManagementOutcome.TaskNotFound);
        else if (!isKnown || SrpChannel.NumberOf(job.Function) is null) job.Finished(TaskManagementOutcome.NotSupported); // a task set is one channel's
        else channel.StartTaskManagement(job);
    }

    /// <summary>The target has ended these commands and moves no data of theirs any more: no response will come.</summary>
    internal void EndCovered(TaskManagementJob job)
    {
        foreach (var channel in channels.ToArray()) channel.EndCovered(job);
    }

    public override void DropConnection(string why)
    {
        if (channels.Count > 0) channels[0].Lose(why);
    }

    public override async ValueTask LogoutAsync()
    {
        if (State == SessionState.Closed && channels.Count == 0 && lingering.Count == 0) return;
        var released = new Completion<bool>(Host.Lane, $"logout from {TargetName}");
        closers.Add(released);
        if (!isClosing) BeginClose();
        await released.Task;
    }

    private void BeginClose()
    {
        isClosing = true;
        reconnectTimer.Cancel();
        deviceLossTimer.Cancel();
        EnterClosed();
        if (channels.Count > 0)
        {
            CloseChannels();
            return;
        }
        firstLogin.TrySetException(new LoginException(LoginFailure.Closed, 0, $"{Target}: closed by its user"));
        CheckReleased();
    }

    private void CloseChannels()
    {
        foreach (var channel in channels.ToArray()) channel.LogOut();
    }
}
