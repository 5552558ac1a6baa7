using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Initiator.Commands;
using Weft.Protocol.Cm;
using Weft.Protocol.Srp;

namespace Weft.Initiator.Srp;

/// <summary>
/// One RDMA channel to an SRP target, as ib_srp has it. SRP r16a §5. This part: making the connection, and ending it. What an end must not do
/// is give memory back while a work request can still touch it: so it waits until both queues have drained.
/// </summary>
internal sealed partial class SrpChannel : ICmEventHandler, ICompletionHandler, IAsyncEventHandler, IPathWaiter
{
    /// <summary>Where immediate data begin: behind a command and the length of the data.</summary>
    public const int ImmediateOffset = SrpCommand.Length + 16 + 4;
    /// <summary>READs that the target may have outstanding here, as the driver offers.</summary>
    private const byte Reads = 4;

    private readonly SrpSession session;
    private readonly InitiatorHost host;
    private readonly ICmId id;
    private readonly EndItem endItem;
    private readonly Timer taskManagementTimer;
    private readonly WorkCompletion[] polled = new WorkCompletion[16];
    private readonly int requestCount, receiveCount, receiveLength;
    private ICompletionQueue? sendCq, receiveCq;
    private IQueuePair? qp;
    private SrpArena? arena;
    private bool isEstablished, hasPeerGone, isSendDrained, isReceiveDrained;

    internal SrpChannel(SrpSession session, int index)
    {
        (this.session, Index, host) = (session, index, session.Host);
        endItem = new(this);
        taskManagementTimer = host.Executor.CreateTimer($"{session.TargetName} channel {index} task management", OnTaskManagementTimeout);
        requestCount = session.Limits.Queue + TaskManagementPlaces;
        receiveCount = requestCount + 2;
        receiveLength = Math.Min(session.Limits.RequestLength, MaxResponse);
        requests = new SrpRequest[requestCount];
        descriptors = new SrpDescriptor[session.Limits.TableEntries];
        for (var i = requestCount - 1; i >= 0; i--) Free(requests[i] = new(this, i));
        id = host.Device.ConnectionManager.CreateId(session.Target.UsesRdmaCm ? PortSpace.Tcp : PortSpace.InfiniBand, this);
    }

    public int Index { get; }
    public SrpChannelPhase Phase { get; private set; }
    public bool IsReady => Phase == SrpChannelPhase.Ready;
    /// <summary>What the target said to the login.</summary>
    public SrpLoginResponse Login { get; private set; }

    private bool IsOpen => Phase <= SrpChannelPhase.Ready;

    // Connecting.

    public void Start()
    {
        host.Device.AddAsyncEventHandler(this);
        var target = session.Target;
        if (target.Destination is { } destination)
        {
            var error = target.Source.IsNone ? null : id.Bind(new(target.Source, 0));
            if ((error ?? id.ResolveAddress(destination, session.Options.ResolveTimeout)) is { } refusal) Lose(refusal.ToString());
        }
        else if (host.Paths is not { } paths) Lose("a login by dgid needs somebody who knows the path: this initiator has no subnet to ask; give dest=address:port");
        else paths.Resolve(1, host.Device.QueryGid(1, 0), target.DestinationGid, target.ServiceId, this);
    }

    void IPathWaiter.OnPath(Gid destination, in ConnectionPath? path)
    {
        if (!IsOpen) return;
        if (path is not { } found) Lose($"the subnet knows no path to {destination}");
        else if (id.UsePath(found with { PKey = new(session.Target.PKey) }, new(session.Target.ServiceId)) is { } error) Lose(error.ToString());
        else Connect();
    }

    void ICmEventHandler.OnCmEvent(in CmEvent cmEvent)
    {
        switch (cmEvent.Type)
        {
            case CmEventType.AddressResolved when IsOpen:
                if (id.ResolveRoute(session.Options.ResolveTimeout) is { } error) Lose(error.ToString());
                break;
            case CmEventType.RouteResolved when IsOpen:
                Connect();
                break;
            case CmEventType.ConnectResponse when IsOpen:
                TakeLogin(cmEvent.PrivateData.Span);
                break;
            case CmEventType.Established:
                OnEstablished(cmEvent.PrivateData.Span);
                break;
            case CmEventType.AddressError or CmEventType.RouteError or CmEventType.ConnectError or CmEventType.Unreachable:
                Lose($"{cmEvent.Type} ({cmEvent.Status})");
                break;
            case CmEventType.Rejected:
                Lose(Describe((CmRejReason)cmEvent.Status, cmEvent.PrivateData.Span));
                break;
            case CmEventType.Disconnected:
                OnPeerGone("disconnected");
                break;
            case CmEventType.TimewaitExit:
                OnPeerGone("time wait is over");
                break;
            case CmEventType.DeviceRemoval:
                OnPeerGone("the device is being removed");
                break;
            case CmEventType.AddressChange:
                Lose("the address has changed");
                break;
        }
    }

    private static string Describe(CmRejReason reason, ReadOnlySpan<byte> data) =>
        reason == CmRejReason.ConsumerDefined && SrpLoginReject.TryRead(data, out var reject)
            ? $"SRP LOGIN REJECTED, reason 0x{(uint)reject.Reason:x8} ({reject.Reason})"
            : $"rejected, reason {(int)reason} ({reason})";

    private void Connect()
    {
        try
        {
            arena = new(host.Domain, requestCount, session.Limits.RequestLength, session.Limits.HasOwnTables ? session.Limits.TableEntries : 0, receiveCount, receiveLength);
            receiveCq = host.Device.CreateCompletionQueue(receiveCount + 1, this);
            sendCq = host.Device.CreateCompletionQueue(SendDepth, this);
        }
        catch (VerbsException refused)
        {
            Lose(refused.Message);
            return;
        }
        receiveCq.Arm();
        sendCq.Arm();
        var init = new QpInit(QpType.ReliableConnected, sendCq, receiveCq, MaxSendWr: SendDepth, MaxReceiveWr: receiveCount + 1, MaxSendSge: 1, MaxReceiveSge: 1);
        if (id.CreateQueuePair(host.Domain, init) is { } error)
        {
            Lose(error.ToString());
            return;
        }
        qp = id.QueuePair;
        for (var i = 0; i < receiveCount; i++) PostReceive(i); // the target may speak first: SRP_CRED_REQ
        if (!IsOpen) return;
        // over the IB CM whole, over the RDMA CM, whose header takes room, compressed
        var login = new byte[session.Target.UsesRdmaCm ? SrpLoginRequest.RdmaCmLength : SrpLoginRequest.Length];
        if (session.Target.UsesRdmaCm) LoginRequest().WriteRdmaCm(login);
        else LoginRequest().Write(login);
        if (id.Connect(new()
        {
            PrivateData = login, ResponderResources = Reads, InitiatorDepth = 0, FlowControl = true, RetryCount = session.Target.TlRetryCount, RnrRetryCount = 7,
        }) is { } refusal)
            Lose(refusal.ToString());
    }

    private SrpLoginRequest LoginRequest()
    {
        var immediate = session.Options.UseImmediateData && session.Limits.RequestLength >= ImmediateOffset;
        return new(0, (uint)session.Limits.RequestLength, SrpBufferFormats.Direct | SrpBufferFormats.Indirect,
            (byte)((byte)(Index == 0 ? SrpMultiChannelAction.Single : SrpMultiChannelAction.Multiple) | (immediate ? SrpLoginRequest.ImmediateDataFlag : 0)),
            session.Target.InitiatorPort(host.Device.QueryGid(id.Path.PortNumber, 0)), session.Target.TargetPort, immediate ? (ushort)ImmediateOffset : (ushort)0);
    }

    // Deep enough for all that every place can have posted at once: a post is never refused for want of room.
    private int SendDepth => requestCount * session.Limits.WorkPerRequest + SrpArena.Notices + 2;

    private void TakeLogin(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return;
        if (SrpLoginResponse.TryRead(data, out var login)) Login = login;
        else Lose("the REP has no SRP_LOGIN_RSP in it");
    }

    private void OnEstablished(ReadOnlySpan<byte> data)
    {
        isEstablished = true;
        if (!IsOpen) return;
        TakeLogin(data);
        if (!IsOpen) return;
        if (Login.MaxInitiatorToTargetLength < SrpCommand.Length || Login.RequestLimitDelta < 2)
        {
            Lose($"the target grants {Login.RequestLimitDelta} requests of {Login.MaxInitiatorToTargetLength} bytes, too little to work with");
            return;
        }
        limit = Login.RequestLimitDelta;
        requestLength = (int)Math.Min((uint)session.Limits.RequestLength, Login.MaxInitiatorToTargetLength);
        entriesInRequest = Math.Min(session.Limits.CommandEntries, SrpLimits.EntriesIn(requestLength));
        maxImmediate = Login.SupportsImmediateData && session.Options.UseImmediateData ? Math.Min(session.Options.MaxImmediateData, requestLength - ImmediateOffset) : 0;
        Phase = SrpChannelPhase.Ready;
        session.OnChannelReady();
    }

    void IAsyncEventHandler.OnAsyncEvent(in Fabric.Verbs.AsyncEvent asyncEvent)
    {
        var isMine = asyncEvent.QueuePair is { } pair && pair == qp || asyncEvent.CompletionQueue is { } queue && (queue == sendCq || queue == receiveCq);
        if (isMine && asyncEvent.Type is AsyncEventType.QpFatal or AsyncEventType.QpRequestError or AsyncEventType.QpAccessError or AsyncEventType.CqError)
            Lose(asyncEvent.Type.ToString());
    }

    // Ending.

    private void OnPeerGone(string why)
    {
        hasPeerGone = true;
        if (IsOpen) ConsumeAll(); // what came before the goodbye still counts
        Lose(why);
        if (Phase == SrpChannelPhase.Drained) PostEnd();
    }

    /// <summary>Ends the channel as a user's logout does: with a word, if that is wanted, and the disconnect.</summary>
    public void LogOut()
    {
        if (Phase != SrpChannelPhase.Ready || !session.Options.SendsLogout || limit <= 0) Lose("logged out");
        else SendNotice(LogoutNotice, new(SrpOpcode.InitiatorLogout, 0, 0, 0));
    }

    /// <summary>Ends the channel; the first reason counts.</summary>
    public void Lose(string why)
    {
        if (!IsOpen) return;
        Phase = SrpChannelPhase.Closing;
        taskManagementTimer.Cancel();
        session.OnChannelLost(this, why);
        EndAllJobs();
        if (isEstablished) id.Disconnect(); // a refusal means that the peer was faster, or that there is nothing to disconnect
        if (qp is null)
        {
            isSendDrained = isReceiveDrained = true;
            PostEnd();
            return;
        }
        if (qp.State != QpState.Error) qp.Modify(new() { State = QpState.Error }, QpAttributeMask.State);
        var refused = qp.PostReceive(IdOf(SrpWork.ReceiveDrain), []) is not null;
        refused |= qp.PostSend(new() { Id = IdOf(SrpWork.SendDrain), Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled }, []) is not null;
        if (!refused) return;
        qp.Destroy(); // without a marker only this makes sure that nothing more is touched
        qp = null;
        isSendDrained = isReceiveDrained = true;
        PostEnd();
    }

    private void OnDrainMarker(bool send)
    {
        if (send) isSendDrained = true;
        else isReceiveDrained = true;
        if (Phase == SrpChannelPhase.Closing && isSendDrained && isReceiveDrained) PostEnd();
    }

    // Not from inside a completion or event of the objects that it destroys.
    private void PostEnd()
    {
        if (!endItem.IsPosted) host.Lane.Post(endItem);
    }

    private void RunEnd()
    {
        if (Phase == SrpChannelPhase.Closing)
        {
            FreeMemory();
            Phase = SrpChannelPhase.Drained;
            session.OnChannelDrained(this);
        }
        if (Phase != SrpChannelPhase.Drained || isEstablished && !hasPeerGone) return;
        id.Destroy();
        Phase = SrpChannelPhase.Released;
        session.OnChannelReleased(this);
    }

    private void FreeMemory()
    {
        host.Device.RemoveAsyncEventHandler(this);
        qp?.Destroy();
        foreach (var request in requests)
            foreach (var registration in request.Registrations) registration.Region.Deregister();
        arena?.Release();
        receiveCq?.Destroy();
        sendCq?.Destroy();
    }

    private sealed class EndItem(SrpChannel channel) : WorkItem
    {
        public override void Run() => channel.RunEnd();
    }
}
