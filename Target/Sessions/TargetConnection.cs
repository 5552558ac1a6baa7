using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;
using Weft.Target.Commands;

namespace Weft.Target.Sessions;

/// <summary>
/// One connection of an initiator, from its acceptance to the return of its last resource: what iSCSI says about login, command order,
/// task management, pings, texts and logout, on any transport. A transport derives from it, hands PDUs in, and moves bytes.
/// </summary>
public abstract partial class TargetConnection : ITaskPort
{
    /// <summary>Commands that a discovery session may have open.</summary>
    internal const int DiscoveryDepth = 4;

    private readonly Weft.Fabric.Execution.Timer timer;
    private bool holdsLoginSlot = true;
    private StatSn statSn;

    protected TargetConnection(TargetHost host, string name, string localHost, bool iser)
    {
        (Host, Name, LocalHost) = (host, name, localHost);
        statSn = new((uint)host.Executor.Chooser.Draw(32, new(ChoiceKind.Value, $"{host.Executor.Name} StatSN")));
        login = new(new LoginDesk(host, this), iser, statSn);
        timer = host.Executor.CreateTimer($"{name} timer", OnTimer);
        timer.Arm(host.Executor.Now + host.Limits.LoginTimeout);
        dataTimer = host.Executor.CreateTimer($"{name} data", () => Close(CloseReason.DataTimeout));
    }

    public TargetHost Host { get; }
    public string Name { get; }
    /// <summary>The address that the initiator connected to, without port.</summary>
    public string LocalHost { get; }
    public ConnectionState State { get; private set; }
    /// <summary>Set when the final login response is made.</summary>
    public Session? Session { get; private set; }
    public TargetLogin Login => login;
    /// <summary>The first reason to close, once there is one.</summary>
    public CloseReason Reason { get; private set; }
    /// <summary>The rule that the peer broke, if that was the reason.</summary>
    public Violation? Violation { get; private set; }
    /// <summary>Requests whose context is in use.</summary>
    public int TasksInUse { get; private set; }

    // What a transport does.

    /// <summary>Gets ready for full feature phase: task contexts, receive buffers that are posted before the final response leaves.</summary>
    /// <param name="depth">Numbered requests that may be in the target at once.</param>
    /// <returns>False if there are not enough resources: the login is refused.</returns>
    protected abstract bool PrepareFullFeature(Session session, int depth);

    /// <summary>Makes a task context; called when one is needed, as often as <see cref="AddTasks"/> allows.</summary>
    protected abstract IscsiTask CreateTask();

    /// <summary>Takes a PDU's buffer back.</summary>
    protected abstract void ReturnReceived(ReceivedPdu pdu);

    /// <summary>Where the data segment of a login response is written: 8192 bytes.</summary>
    protected abstract Span<byte> LoginResponseData { get; }

    /// <summary>Sends a login response; <see cref="LoginResponseSent"/> follows.</summary>
    protected abstract void SendLoginResponse(in Bhs header);

    /// <summary>Sends a task's answer, whose data is in its response buffer; <see cref="ResponseSent"/> follows, whatever happens.</summary>
    /// <param name="isCommand">A SCSI Response, which may invalidate the initiator's registration.</param>
    protected abstract void SendResponse(IscsiTask task, in Bhs header, bool isCommand);

    /// <summary>Sends the ping's PDU from a buffer of its own; <see cref="PingSent"/> follows.</summary>
    protected abstract void SendPing(in Bhs header);

    /// <summary>
    /// Brings solicited data-out into a buffer: RDMA READ, or R2T; <see cref="MoveDone"/> follows. <paramref name="solicitedOffset"/> counts
    /// from the first solicited byte.
    /// </summary>
    protected abstract void FetchSolicited(IscsiTask task, long solicitedOffset, DataBuffer buffer, int bufferOffset, int length);

    /// <summary>Sends data-in; <see cref="MoveDone"/> follows, for the last piece perhaps at once.</summary>
    protected abstract void PlaceDataIn(IscsiTask task, long offset, DataBuffer buffer, int length, bool isLast);

    /// <summary>A move of an aborted task: forget what has not started. What has started is answered by <see cref="MoveDone"/> as ever.</summary>
    /// <returns>True if nothing is under way, so that the move counts as ended now.</returns>
    protected abstract bool StopMove(IscsiTask task);

    /// <summary>Begins the transport's farewell. Nothing is posted afterwards.</summary>
    protected abstract void CloseTransport();

    /// <summary>No buffer of the connection is with the transport any more.</summary>
    protected abstract bool IsTransportIdle { get; }

    /// <summary>Gives the transport's resources back: the last thing that happens.</summary>
    protected abstract void ReleaseTransport();

    public abstract DataBuffer? TakeBuffer(ScsiTask task, int wanted);
    public abstract void ReturnBuffer(ScsiTask task, DataBuffer buffer);

    // What a transport tells.

    /// <summary>Both ends are there: login requests may be handled.</summary>
    protected void Established()
    {
        if (State == ConnectionState.Accepted) State = ConnectionState.Login;
    }

    /// <summary>A PDU arrived. When this returns and the PDU is not held, its buffer is free.</summary>
    protected void Receive(ReceivedPdu pdu)
    {
        lastReceived = Host.Executor.Now;
        switch (State)
        {
            case ConnectionState.Login:
                ReceiveLogin(pdu);
                break;
            case ConnectionState.FullFeature:
                ReceiveRequest(pdu);
                break;
        }
    }

    private StatSn TakeStatSn()
    {
        var taken = statSn;
        statSn = taken.Next;
        return taken;
    }

    private CmdSn ExpCmdSn => Session!.Window.ExpCmdSn;
    private CmdSn MaxCmdSn => Session!.Window.MaxCmdSn;

    /// <summary>Longest data segment that goes out in full feature phase.</summary>
    protected internal int MaxSendData => Session switch
    {
        { IsDiscovery: true } s => Math.Min(s.Parameters.PeerMaxRecvDataSegmentLength, TargetLogin.MaxResponseData),
        { } s => Math.Min(IsIser ? s.Parameters.InitiatorRecvDataSegmentLength : s.Parameters.PeerMaxRecvDataSegmentLength, Host.Limits.MaxControlData),
        null => TargetLogin.MaxResponseData,
    };

    /// <summary>Whether RFC 7145 applies.</summary>
    protected abstract bool IsIser { get; }

    public override string ToString() => Session is { } session ? $"{Name} {session}" : Name;
}
