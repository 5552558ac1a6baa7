using Weft.Initiator.Commands;
using Weft.Initiator.Iscsi;
using Weft.Protocol.Cm;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;

namespace Weft.Initiator.Iser;

/// <summary>
/// iSCSI over an RC queue pair, as ib_iser does it. RFC 7145. This part: making the connection, and ending it. What an end must not do is
/// give memory back while a work request can still touch it: so it waits until both queues have drained.
/// </summary>
internal partial class IserConnection : IscsiConnection, ICmEventHandler, ICompletionHandler, IAsyncEventHandler
{
    private readonly InitiatorHost host;
    private readonly ICmId id;
    private readonly EndItem endItem;
    private readonly WorkCompletion[] polled = new WorkCompletion[16];
    private ICompletionQueue? sendCq, receiveCq;
    private IQueuePair? qp;
    private IserArena? arena;
    private bool isEstablished, hasDisconnected, hasPeerGone;
    private bool isSendDrained, isReceiveDrained;

    internal IserConnection(InitiatorHost host, IConnectionOwner owner, ConnectionSettings settings)
        : base(owner, host.Executor, host, settings)
    {
        this.host = host;
        endItem = new(this);
        maxDataOuts = CountDataOuts();
        receiveCount = IsDiscovery ? 0 : Options.ReceiveBuffers > 0 ? Options.ReceiveBuffers : Math.Max(128, Options.MaxCommands + TaskTable.ControlTasks + 4);
        id = host.Device.ConnectionManager.CreateId(PortSpace.Tcp, this);
    }

    /// <summary>Both sides agreed that responses take the key back.</summary>
    public bool IsRemoteInvalidating { get; private set; }
    internal IQueuePair? QueuePair => qp;

    private protected override IscsiTask CreateTask(int slot) => new IserTask(slot);

    // Connecting.

    private protected override void Open()
    {
        host.Device.AddAsyncEventHandler(this);
        if (id.ResolveAddress(Settings.Portal, Timeouts.Resolve) is { } error) LoseConnect(error.ToString());
    }

    private void LoseConnect(string detail) => Lose(new(LossKind.ConnectFailed, $"{Settings.Portal}: {detail}"));

    void ICmEventHandler.OnCmEvent(in CmEvent cmEvent)
    {
        switch (cmEvent.Type)
        {
            case CmEventType.AddressResolved when IsOpen:
                if (id.ResolveRoute(Timeouts.Resolve) is { } error) LoseConnect(error.ToString());
                break;
            case CmEventType.RouteResolved when IsOpen:
                Connect();
                break;
            case CmEventType.ConnectResponse when IsOpen:
                ReadPrivateData(cmEvent.PrivateData.Span);
                break;
            case CmEventType.Established:
                OnEstablished(cmEvent);
                break;
            case CmEventType.AddressError or CmEventType.RouteError or CmEventType.ConnectError or CmEventType.Unreachable:
                LoseConnect($"{cmEvent.Type} ({cmEvent.Status})");
                break;
            case CmEventType.Rejected:
                LoseConnect($"rejected, reason {cmEvent.Status} ({(CmRejReason)cmEvent.Status})");
                break;
            case CmEventType.Disconnected:
                OnPeerGone(new(LossKind.PeerDisconnected, "disconnected"));
                break;
            case CmEventType.TimewaitExit:
                OnPeerGone(new(LossKind.PeerDisconnected, "time wait is over"));
                break;
            case CmEventType.DeviceRemoval:
                OnPeerGone(new(LossKind.DeviceRemoved, "the device is being removed"));
                break;
            case CmEventType.AddressChange:
                Lose(new(LossKind.TransportError, "the address has changed"));
                break;
        }
    }

    private void Connect()
    {
        try
        {
            CreateQueues();
        }
        catch (VerbsException refused)
        {
            LoseConnect(refused.Message);
            return;
        }
        var init = new QpInit(QpType.ReliableConnected, sendCq!, receiveCq!, MaxSendWr: SendDepth, MaxReceiveWr: ReceiveDepth, MaxSendSge: 2, MaxReceiveSge: 1);
        if (id.CreateQueuePair(host.Domain, init) is { } error)
        {
            LoseConnect(error.ToString());
            return;
        }
        qp = id.QueuePair;
        Span<byte> mine = stackalloc byte[IserCmPrivateData.Length];
        new IserCmPrivateData(zeroBasedVa: false, remoteInvalidate: Options.AlwaysRegister).Write(mine);
        var device = host.Device.Attributes;
        if (id.Connect(new()
        {
            PrivateData = mine.ToArray(),
            ResponderResources = (byte)Math.Min(byte.MaxValue, device.MaxQpRdAtomic),
            InitiatorDepth = 1,
            RetryCount = Options.RetryCount,
            RnrRetryCount = Options.RnrRetryCount,
        }) is { } refusal)
            LoseConnect(refusal.ToString());
    }

    // Deep enough for all that every slot can have posted at once, the login, and the drain markers: a post is never refused for want of room.
    private int SendDepth => (IsDiscovery ? 0 : Options.MaxCommands * WorkPerCommand) + maxDataOuts + IserArena.Controls + 2;
    private int ReceiveDepth => receiveCount + 2;

    private void CreateQueues()
    {
        var shared = Options.SharedCompletionQueue;
        arena = new(host.Domain, IsDiscovery ? 0 : Options.MaxCommands, maxDataOuts, receiveCount, IserMessage.HeadersLength + Options.ReceiveDataLength);
        receiveCq = host.Device.CreateCompletionQueue(shared ? ReceiveDepth + SendDepth : ReceiveDepth, this);
        sendCq = shared ? receiveCq : host.Device.CreateCompletionQueue(SendDepth, this);
        receiveCq.Arm();
        if (!shared) sendCq.Arm();
    }

    private void OnEstablished(in CmEvent cmEvent)
    {
        isEstablished = true;
        if (!IsOpen) return;
        if (!cmEvent.PrivateData.IsEmpty) ReadPrivateData(cmEvent.PrivateData.Span);
        OnConnected();
    }

    // Private data of zeros, or none at all, means that the peer can do both.
    private void ReadPrivateData(ReadOnlySpan<byte> data) =>
        IsRemoteInvalidating = Options.AlwaysRegister && (!IserCmPrivateData.TryRead(data, out var peer) || peer.RemoteInvalidate);

    void IAsyncEventHandler.OnAsyncEvent(in Fabric.Verbs.AsyncEvent asyncEvent)
    {
        var isMine = asyncEvent.QueuePair is { } pair && pair == qp || asyncEvent.CompletionQueue is { } queue && (queue == sendCq || queue == receiveCq);
        if (!isMine) return;
        if (asyncEvent.Type is AsyncEventType.QpFatal or AsyncEventType.QpRequestError or AsyncEventType.QpAccessError or AsyncEventType.CqError)
            Lose(new(LossKind.TransportError, asyncEvent.Type.ToString()));
    }

    // Ending.

    private void OnPeerGone(ConnectionLoss loss)
    {
        hasPeerGone = true;
        if (IsOpen && ConsumesBeforeLoss) ConsumeAll(); // what came before the goodbye still counts
        Lose(loss);
        if (Phase == ConnectionPhase.Drained) PostEnd();
    }

    /// <summary>The CM's event and the completions before it have no order: good answers in the queue are taken first.</summary>
    internal virtual bool ConsumesBeforeLoss => true;

    /// <summary>One disconnect for all the reasons that may come together.</summary>
    internal virtual bool ShouldDisconnect => !hasDisconnected;

    /// <summary>Each queue's marker tells of that queue alone: the other may still have work to flush.</summary>
    internal virtual bool IsDrained(bool sends, bool receives) => sends && receives;

    private protected override void Close()
    {
        if (isEstablished && ShouldDisconnect)
        {
            hasDisconnected = true;
            id.Disconnect(); // a refusal means that the peer was faster, or that there is nothing to disconnect
        }
        if (qp is null)
        {
            isSendDrained = isReceiveDrained = true;
            PostEnd();
            return;
        }
        if (qp.State != QpState.Error) qp.Modify(new() { State = QpState.Error }, QpAttributeMask.State);
        var refused = qp.PostReceive(IdOf(IserWork.ReceiveDrain), []) is not null;
        refused |= qp.PostSend(new() { Id = IdOf(IserWork.SendDrain), Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled }, []) is not null;
        if (!MustDestroy(refused)) return;
        qp.Destroy(); // without a marker only this makes sure that nothing more is touched
        qp = null;
        isSendDrained = isReceiveDrained = true;
        PostEnd();
    }

    /// <summary>A marker that was refused never comes back.</summary>
    internal virtual bool MustDestroy(bool isMarkerRefused) => isMarkerRefused;

    private void OnDrainMarker(bool send)
    {
        if (send) isSendDrained = true;
        else isReceiveDrained = true;
        if (Phase == ConnectionPhase.Closing && IsDrained(isSendDrained, isReceiveDrained)) PostEnd();
    }

    // Not from inside a completion or event of the objects that it destroys.
    private void PostEnd()
    {
        if (!endItem.IsPosted) host.Lane.Post(endItem);
    }

    private void RunEnd()
    {
        if (Phase == ConnectionPhase.Closing)
        {
            FreeMemory();
            OnTransportDrained();
        }
        if (Phase != ConnectionPhase.Drained) return;
        if (isEstablished && !hasPeerGone)
        {
            AwaitGoodbye();
            return;
        }
        id.Destroy();
        OnTransportReleased();
    }

    // LIO's ib_isert, for one, does not answer while a login is under way; the CM would ask 15 times, for a minute and a half.
    private protected override void OnGoodbyeTimeout()
    {
        hasPeerGone = true;
        PostEnd();
    }

    private void FreeMemory()
    {
        host.Device.RemoveAsyncEventHandler(this);
        qp?.Destroy();
        foreach (var task in Tasks.All) ((IserTask?)task)?.Registration?.Region.Deregister();
        arena?.Release();
        receiveCq?.Destroy();
        if (sendCq != receiveCq) sendCq?.Destroy();
    }

    private sealed class EndItem(IserConnection connection) : WorkItem
    {
        public override void Run() => connection.RunEnd();
    }
}
