using Weft.Initiator.Commands;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;

namespace Weft.Initiator.Iscsi;

/// <summary>
/// An iSCSI session of one connection at a time, over iSER or another transport. When the connection is lost it logs in again under
/// the same ISID, which makes the target drop what it still holds of the old one (session reinstatement, RFC 7143 §6.3.5).
/// </summary>
internal class IscsiSession : InitiatorSession, IConnectionOwner
{
    private readonly Timer retryTimer;
    private readonly Completion<bool> firstLogin;
    private readonly Instant started;
    private readonly List<IscsiConnection> lingering = [];
    private IscsiConnection? connection;
    private IpEndpoint portal;
    private IpEndpoint? redirected;
    private readonly List<Completion<bool>> closers = [];
    private bool isClosing, wasLoggedIn;
    private int failedAttempts;
    private ConnectionLoss? lastLoss;
    private Duration defaultTime2Wait;
    private int logins;

    internal IscsiSession(InitiatorHost host, string targetName, IpEndpoint portal, SessionOptions options, Isid isid)
        : base(host, targetName, options.Timeouts)
    {
        (this.portal, Options, Isid) = (portal, options, isid);
        retryTimer = Executor.CreateTimer($"{targetName} login again", StartAttempt);
        firstLogin = new(host.Lane, $"login to {targetName}");
        started = Executor.Now;
    }

    public SessionOptions Options { get; }
    public Isid Isid { get; }
    public override int MaxDataLength => Options.MaxDataLength;
    public override int Logins => logins;
    public override string? LastProblem => lastLoss?.ToString();
    internal IscsiConnection? Connection => connection;
    internal ConnectionLoss? LastLoss => lastLoss;

    /// <summary>Logs in for the first time; the session is closed if that fails.</summary>
    internal ValueTask<bool> BeginAsync()
    {
        StartAttempt();
        return firstLogin.Task;
    }

    private void StartAttempt()
    {
        var to = redirected ?? portal;
        connection = Host.CreateConnection(this, new(TargetName, to, new(Host.Name, PolicyToOffer())
        {
            InitiatorAlias = Host.Alias,
            TargetName = TargetName,
            Isid = Isid,
            FirstCmdSn = Options.FirstCmdSn,
            Chap = Options.Chap,
            AuthenticationOptional = Options.AuthenticationOptional,
        }, Options));
        connection.Start();
    }

    /// <summary>Every login offers what was configured, not what the target made of it the last time.</summary>
    internal virtual KeyPolicy PolicyToOffer() => Options.Keys;

    void IConnectionOwner.OnLoggedIn(IscsiConnection on)
    {
        failedAttempts = 0;
        defaultTime2Wait = Duration.FromSeconds(on.Parameters.DefaultTime2Wait);
        logins++;
        wasLoggedIn = true;
        if (isClosing)
        {
            on.LogOut();
            return;
        }
        firstLogin.TrySetResult(true);
        EnterLoggedIn();
    }

    void IConnectionOwner.OnLost(IscsiConnection on, ConnectionLoss loss)
    {
        lastLoss = loss;
        EnterRecovering();
    }

    void IConnectionOwner.OnDrained(IscsiConnection on)
    {
        connection = null;
        lingering.Add(on);
        var loss = on.Loss!;
        var wasFull = on.Tsih != 0;
        var action = isClosing ? LoginAction.GiveUp : wasFull ? LoginAction.Retry : LoginActions.After(loss);
        var delay = DelayBeforeLogin(loss, wasFull);
        if (action != LoginAction.GiveUp && !MayTryAgain(wasFull, delay)) action = LoginAction.GiveUp;
        if (action == LoginAction.GiveUp) EnterClosed();
        ReturnRunning(on.Detach);
        switch (action)
        {
            case LoginAction.GiveUp:
                firstLogin.TrySetException(new LoginException(LoginActions.FailureOf(loss), (ushort)loss.Status, $"{TargetName}: {loss}"));
                break;
            case LoginAction.RedirectOnce or LoginAction.RedirectForGood when PortalAddress.TryParse(loss.RedirectAddress, out var address, out _):
                if (action == LoginAction.RedirectForGood) (portal, redirected) = (address, null);
                else redirected = address;
                retryTimer.Arm(Executor.Now);
                break;
            default:
                redirected = null;
                retryTimer.Arm(Executor.Now + delay);
                break;
        }
    }

    /// <summary>
    /// How long to stay away: after a session was lost, what the target asked for, or the negotiated Time2Wait; between attempts the retry
    /// interval, except that one which took its whole time is followed by the next at once, as open-iscsi does. RFC 7143 §7.5, §13.15.
    /// </summary>
    internal virtual Duration DelayBeforeLogin(ConnectionLoss loss, bool wasFullFeature) =>
        loss.Time2Wait ?? (wasFullFeature ? defaultTime2Wait : loss.Kind == LossKind.LoginTimeout ? Duration.Zero : Timeouts.Retry);

    // The first login is bounded by time, a lost session by attempts, if at all.
    private bool MayTryAgain(bool wasFull, Duration delay)
    {
        if (wasFull) return true;
        failedAttempts++;
        return wasLoggedIn
            ? Timeouts.ReopenMax == 0 || failedAttempts < Timeouts.ReopenMax
            : Executor.Now - started + delay < Timeouts.Login * Timeouts.InitialLoginRetries;
    }

    void IConnectionOwner.OnReleased(IscsiConnection on)
    {
        lingering.Remove(on);
        CheckReleased();
    }

    private void CheckReleased()
    {
        if (State != SessionState.Closed || connection is not null || lingering.Count > 0) return;
        retryTimer.Cancel();
        Host.OnSessionReleased(this);
        foreach (var closer in closers) closer.TrySetResult(true);
        closers.Clear();
    }

    void IConnectionOwner.OnCommandEnded(DiskCommand command, CommandOutcome outcome) => Finish(command, outcome);

    void IConnectionOwner.OnCapacity() => Pump();

    void IConnectionOwner.OnText(IscsiConnection on, in TextResponsePdu response, ReadOnlySpan<byte> text)
    {
    }

    void IConnectionOwner.OnAsyncMessage(in AsyncMessagePdu message, ReadOnlySpan<byte> data)
    {
        if (message.Event != IscsiEvent.ScsiEvent || data.Length < 2) return;
        var length = Math.Min(System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(data), data.Length - 2);
        if (Sense.TryRead(data.Slice(2, length), out var sense)) RaiseScsiEvent(message.Lun, sense);
    }

    private protected override bool CanStart(DiskCommand command) => connection is not null && connection.CanStart(command);

    private protected override void Start(DiskCommand command) => connection!.StartCommand(command);

    internal override void StartTaskManagement(TaskManagementJob job)
    {
        if (connection is null) job.Finished(TaskManagementOutcome.ConnectionLost);
        else connection.StartTaskManagement(job);
    }

    public override void DropConnection(string why) => connection?.Lose(new(LossKind.Dropped, why));

    public override async ValueTask LogoutAsync()
    {
        if (State == SessionState.Closed && connection is null && lingering.Count == 0) return;
        var released = new Completion<bool>(Host.Lane, $"logout from {TargetName}");
        closers.Add(released);
        if (!isClosing) BeginClose();
        await released.Task;
    }

    private void BeginClose()
    {
        isClosing = true;
        retryTimer.Cancel();
        var on = connection;
        EnterClosed();
        if (on is not null)
        {
            on.LogOut();
            return;
        }
        firstLogin.TrySetException(new LoginException(LoginFailure.Closed, 0, $"{TargetName}: closed by its user"));
        CheckReleased();
    }
}
