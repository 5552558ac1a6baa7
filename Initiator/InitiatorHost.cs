using Weft.Initiator.Commands;
using Weft.Initiator.Iscsi;
using Weft.Initiator.Iser;
using Weft.Initiator.Srp;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Login;

namespace Weft.Initiator;

/// <summary>
/// An initiator on one RDMA device: it finds targets, logs in to them, and keeps the sessions. Everything runs on the device's executor, and
/// everything that can be awaited resumes there.
/// </summary>
public class InitiatorHost : IChallengeSource
{
    /// <summary>The naming part of the ISIDs that open-iscsi makes.</summary>
    private const uint OpenIscsiOui = 0x023D;

    private readonly List<InitiatorSession> sessions = [];
    private readonly List<RegisteredBuffer> buffers = [];
    private readonly ChoicePoint challengeDraw;
    private uint nextIsid;
    private IProtectionDomain? domain;
    private int users;

    /// <param name="name">iSCSI name, e.g. <c>iqn.2016-04.com.open-iscsi:a1b2c3</c>.</param>
    public InitiatorHost(IRdmaDevice device, string name, string? alias = null)
    {
        (Device, Name, Alias) = (device, name, alias);
        Lane = Executor.CreateLane("initiator", ChoiceKind.Dispatch);
        challengeDraw = new(ChoiceKind.Value, Executor.Name);
    }

    public IRdmaDevice Device { get; }
    public string Name { get; }
    public string? Alias { get; }
    /// <summary>Finds the way to targets of an <c>add_target</c> string with dgid: the SA, or a table.</summary>
    public IPathResolver? Paths { get; init; }
    public IExecutor Executor => Device.Executor;
    /// <summary>Sessions that are not yet closed and released.</summary>
    public IReadOnlyList<InitiatorSession> Sessions => sessions;
    /// <summary>What awaiters resume on.</summary>
    internal ILane Lane { get; }
    /// <summary>The domain that all connections and registered buffers share.</summary>
    internal IProtectionDomain Domain => domain ??= Device.AllocateProtectionDomain();

    /// <summary>
    /// Asks a portal for the targets it has (SendTargets=All). Tries again at <see cref="SessionTimeouts.Retry"/> intervals, five times.
    /// </summary>
    /// <exception cref="LoginException">No answer, or refused.</exception>
    public async ValueTask<IReadOnlyList<DiscoveredTarget>> DiscoverAsync(IpEndpoint portal, SessionOptions? options = null)
    {
        options ??= new();
        var isid = options.Isid ?? NextIsid();
        for (var attempt = 1; ; attempt++)
        {
            users++;
            var (targets, loss) = await new Discovery(this, portal, options, isid).RunAsync();
            Leave();
            if (targets is not null) return targets;
            if (attempt == 5 || LoginActions.After(loss) == LoginAction.GiveUp)
                throw new LoginException(LoginActions.FailureOf(loss), (ushort)loss.Status, $"discovery at {portal}: {loss}");
            if (loss.RedirectAddress is { } address && PortalAddress.TryParse(address, out var elsewhere, out _)) portal = elsewhere;
            else await WaitAsync(options.Timeouts.Retry);
        }
    }

    /// <summary>Logs in to a target. Until the answer comes the session is listed, and can be closed.</summary>
    /// <exception cref="LoginException">Refused, or not possible within the retries that the options allow.</exception>
    public async ValueTask<InitiatorSession> LoginAsync(string target, IpEndpoint portal, SessionOptions? options = null)
    {
        options ??= new();
        var session = CreateSession(target, portal, options, options.Isid ?? NextIsid());
        users++;
        sessions.Add(session);
        await session.BeginAsync();
        return session;
    }

    /// <summary>Logs in to what a discovery has found.</summary>
    public ValueTask<InitiatorSession> LoginAsync(in DiscoveredTarget target, SessionOptions? options = null) =>
        LoginAsync(target.Name, target.Portal, options);

    /// <summary>Logs in to an SRP target, once: what is refused is not tried again, as with ib_srp.</summary>
    /// <exception cref="LoginException">Refused, not reachable, or logged in already.</exception>
    /// <exception cref="ArgumentException">The options do not fit together.</exception>
    public async ValueTask<SrpSession> LoginAsync(SrpAddTarget target, SrpOptions? options = null)
    {
        options ??= new();
        if (options.Problem() is { } problem) throw new ArgumentException(problem, nameof(options));
        foreach (var other in sessions)
            if (other is SrpSession { State: not SessionState.Closed } srp && PortOf(srp.Target) == PortOf(target) && srp.Target.IsSameAs(target))
                throw new LoginException(LoginFailure.Fatal, 0, $"Already connected to target port with {target}");
        var session = CreateSession(target, options);
        users++;
        sessions.Add(session);
        await session.BeginAsync();
        return session;
    }

    /// <summary>The port of our device that a login goes out by, as far as it says so: each has targets of its own, as each srp_host has in the driver.</summary>
    private byte PortOf(SrpAddTarget target)
    {
        for (byte port = 1; port <= Device.PortCount && !target.Source.IsNone; port++)
            for (var index = 0; index < Device.QueryPort(port).GidTableLength; index++)
                if (Device.QueryGid(port, index) == target.Source) return port;
        return 1;
    }

    internal virtual SrpSession CreateSession(SrpAddTarget target, SrpOptions options) => new(this, target, options);

    /// <summary>
    /// Registers memory for as long as it is wanted: commands of sessions with <see cref="SessionOptions.AlwaysRegister"/> off use it without
    /// a registration of their own.
    /// </summary>
    public RegisteredBuffer Register(Memory<byte> memory)
    {
        users++;
        var region = Domain.Register(memory, AccessFlags.LocalWrite | AccessFlags.RemoteWrite | AccessFlags.RemoteRead);
        var buffer = new RegisteredBuffer(region, memory, gone =>
        {
            buffers.Remove(gone);
            Leave();
        });
        buffers.Add(buffer);
        return buffer;
    }

    /// <summary>Logs out of every session and gives everything back, registered buffers too. The host can be used again afterwards.</summary>
    public async ValueTask CloseAsync()
    {
        foreach (var session in sessions.ToArray()) await session.LogoutAsync();
        foreach (var buffer in buffers.ToArray()) buffer.Dispose();
    }

    internal virtual IscsiSession CreateSession(string target, IpEndpoint portal, SessionOptions options, Isid isid) =>
        new(this, target, portal, options, isid);

    /// <summary>What carries a connection. Other transports, and tests, give their own.</summary>
    internal virtual IscsiConnection CreateConnection(IConnectionOwner owner, ConnectionSettings settings) =>
        new IserConnection(this, owner, settings);

    internal void OnSessionReleased(InitiatorSession session)
    {
        if (sessions.Remove(session)) Leave();
    }

    private void Leave()
    {
        if (--users > 0) return;
        domain?.Deallocate();
        domain = null;
    }

    // The last three bytes tell sessions of one initiator apart; open-iscsi counts in the upper of them.
    private Isid NextIsid() => Isid.FromOui(OpenIscsiOui, ++nextIsid << 16 & 0xFF_FFFF | nextIsid >> 8 & 0xFFFF);

    private async ValueTask WaitAsync(Duration duration)
    {
        var done = new Completion<bool>(Lane, "discovery retry");
        Executor.CreateTimer("discovery retry", () => done.TrySetResult(true)).Arm(Executor.Now + duration);
        await done.Task;
    }

    void IChallengeSource.Draw(Span<byte> target)
    {
        foreach (ref var b in target) b = (byte)Executor.Chooser.Draw(8, challengeDraw);
    }
}
