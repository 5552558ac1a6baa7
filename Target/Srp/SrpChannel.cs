using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Protocol.Srp;
using Weft.Target.Commands;
using Weft.Target.Rdma;
using Weft.Target.Sessions;

namespace Weft.Target.Srp;

/// <summary>
/// One RDMA channel of an initiator: requests and responses by SEND, data by RDMA READ and WRITE of the target. SRP r16a §5. Each channel is a
/// nexus of its own in the command core, as in ib_srpt. One completion queue serves both directions, so that completions are seen in the order
/// in which the device made them.
/// </summary>
public partial class SrpChannel : ITaskPort, ICmEventHandler, ICompletionHandler, ISendQueueUser<SrpTask>
{
    /// <summary>Receives beyond the request limit: SRP_CRED_RSP and SRP_AER_RSP, which take nothing from it.</summary>
    private const int ExtraReceives = 2;
    /// <summary>READs of one queue pair towards an initiator, as the driver offers them.</summary>
    private const int MaxReads = 4;
    /// <summary>Where immediate data may begin at the latest: behind a command with 28 bytes of additional CDB.</summary>
    private const int MaxImmediateOffset = 80;

    private readonly ICmId id;
    private readonly SrpTargetOptions options;
    private readonly SendQueue<SrpTask> sends;
    private readonly Weft.Fabric.Execution.Timer completionTimer;
    private readonly List<SrpChannel> predecessors = [];
    private readonly List<SrpTask> tasks = [];
    private ICompletionQueue? cq;
    private IQueuePair? qp;
    private RegisteredRegion? region;
    private SrpReceive[] receives = [];
    private SrpTask? freeTask;
    private Nexus? nexus;
    private bool isNexusOver = true;
    private int freeTasks;

    /// <param name="port">Where the request arrived.</param>
    /// <param name="id">The CM id of the request.</param>
    /// <param name="login">The login, which has been checked.</param>
    /// <param name="sessionName">What LUN masking knows the initiator by.</param>
    public SrpChannel(SrpPort port, ICmId id, SrpLoginRequest login, string sessionName)
    {
        (Port, this.id, Login, SessionName, options) = (port, id, login, sessionName, port.Target.Options);
        sends = new(this);
        completionTimer = port.Target.Executor.CreateTimer($"srp {id.Remote} completion", OnCompletionTimer);
        id.Handler = this;
        id.Context = this;
        UsesImmediateData = login.WantsImmediateData && login.ImmediateDataOffset is >= SrpCommand.Length and <= MaxImmediateOffset && port.Shared is null;
        MaxResponseLength = (int)Math.Min((uint)options.MaxResponseSize, login.MaxInitiatorToTargetLength);
    }

    public SrpPort Port { get; }
    public SrpLoginRequest Login { get; }
    public string SessionName { get; }
    public SrpChannelState State { get; private set; }
    /// <summary>The first reason to close, once there is one.</summary>
    public CloseReason Reason { get; private set; }
    /// <summary>Requests may carry their data. Not with a shared receive queue.</summary>
    public bool UsesImmediateData { get; }
    /// <summary>Longest response; sense data is cut to fit.</summary>
    public int MaxResponseLength { get; }
    /// <summary>Requests whose context is in use.</summary>
    public int TasksInUse { get; private set; }
    /// <summary>Null before the login is accepted and after everything was given back.</summary>
    public IQueuePair? QueuePair => qp;

    private SrpTarget Target => Port.Target;
    private SrpReceive[] Slots => Port.Shared?.Slots ?? receives;

    internal bool Owns(ICompletionQueue queue) => queue == cq;

    /// <summary>Whether the channel belongs to the I_T nexus of a login.</summary>
    internal bool IsOf(in SrpLoginRequest login) => Login.InitiatorPort == login.InitiatorPort && Login.TargetPort == login.TargetPort;

    /// <summary>Commands must not begin before those of a channel that this one replaces are over: they could still write.</summary>
    internal void WaitFor(SrpChannel other)
    {
        if (MustOutlive(other)) predecessors.Add(other);
    }

    /// <summary>Whether anything of another channel is left in the command core.</summary>
    private protected virtual bool MustOutlive(SrpChannel other) => !other.isNexusOver;

    internal void OnPredecessorOver(SrpChannel other)
    {
        if (predecessors.Remove(other)) TakeWaiting();
    }

    /// <summary>Answers the connection request.</summary>
    internal void Accept(in CmEvent request, SrpMultiChannelResult result)
    {
        if (CreateQueues() is { } refused)
        {
            AcceptFailed(refused);
            return;
        }
        nexus = Target.Device.OpenNexus(this, new(SessionName, $"0x{Login.InitiatorPort}", Protocol: Weft.Protocol.Scsi.Designator.Srp));
        isNexusOver = false;
        foreach (var slot in receives) PostReceive(slot); // before the REP, which the first command answers
        if (State >= SrpChannelState.Draining) return;
        var asked = request.Parameters ?? new();
        var reads = Math.Min(Math.Min((int)asked.InitiatorDepth, MaxReads), Port.Device.Attributes.MaxQpInitRdAtomic);
        sends.LimitReads(reads);
        var answer = new byte[SrpLoginResponse.Length];
        LoginAnswer(result).Write(answer);
        var error = id.Accept(new()
        {
            PrivateData = answer,
            ResponderResources = MaxReads,
            InitiatorDepth = (byte)reads,
            FlowControl = true,
            RnrRetryCount = 7,
            Srq = Port.Shared is not null,
        });
        if (error is not null) AcceptFailed(error);
    }

    private SrpLoginResponse LoginAnswer(SrpMultiChannelResult result) => new(
        options.LoginGrant > 0 ? options.LoginGrant : options.QueueDepth, Login.Tag, (uint)options.MaxRequestSize, Login.MaxInitiatorToTargetLength,
        SrpBufferFormats.Direct | SrpBufferFormats.Indirect, (byte)((byte)result | (UsesImmediateData ? SrpLoginResponse.ImmediateDataFlag : 0)));

    /// <summary>No queue pair, or accept was refused: then it may be in any state, and what was posted comes back flushed.</summary>
    private protected virtual void AcceptFailed(VerbsError error)
    {
        SrpPort.WriteReject(id, Login.Tag, SrpLoginRejectReason.InsufficientResources);
        Target.Observer?.LoginRefused(id.Remote.ToString(), Login, SrpLoginRejectReason.InsufficientResources);
        isConnectionOver = true;
        Close(error.Code == VerbsErrorCode.OutOfResources ? CloseReason.NotEstablished : CloseReason.VerbsError);
    }

    /// <summary>Makes completion queue, queue pair and buffers; a device that is short of memory is asked for a shorter send queue, down to a floor.</summary>
    private VerbsError? CreateQueues()
    {
        var limits = Port.Device.Attributes;
        var receiveDepth = Math.Min(options.QueueDepth + ExtraReceives + 1, limits.MaxQpWr); // and the drain marker
        var sendDepth = Math.Min(options.SendQueueSize, limits.MaxQpWr);
        while (true)
        {
            VerbsError? error;
            try
            {
                var ring = Port.Shared is null ? receiveDepth : options.SrqSize;
                cq = Port.Device.CreateCompletionQueue(Math.Min(sendDepth + ring, limits.MaxCqe), this);
                error = id.CreateQueuePair(Port.Domain, new(QpType.ReliableConnected, cq, cq, Port.Shared?.Queue, MaxSendWr: sendDepth, MaxReceiveWr: receiveDepth,
                    MaxSendSge: 1, MaxReceiveSge: 1, SignalAll: true, Context: this));
                if (error is null)
                {
                    qp = id.QueuePair!;
                    CreateBuffers();
                    sends.Open(qp, sendDepth - 1);
                    Port.Add(this, qp.Number);
                    cq.Arm();
                    return null;
                }
            }
            catch (VerbsException e)
            {
                error = e.Error;
            }
            DestroyQueues();
            if (error.Code != VerbsErrorCode.OutOfResources || sendDepth / 2 < SrpTargetOptions.MinSendQueueSize) return error;
            sendDepth /= 2;
        }
    }

    private void CreateBuffers()
    {
        var count = Port.Shared is null ? options.QueueDepth + ExtraReceives : 0;
        var responseLength = (MaxResponseLength + 7) & ~7;
        var responses = count * options.MaxRequestSize;
        var notices = responses + options.QueueDepth * responseLength;
        region = new(Port.Domain, notices + 2 * SrpNotice.Length);
        receives = new SrpReceive[count];
        for (var i = 0; i < count; i++) receives[i] = new(region, i * options.MaxRequestSize, options.MaxRequestSize, i);
        freeTasks = options.QueueDepth;
        newTask = index => new(region, responses + index * responseLength, MaxResponseLength) { TableAvailable = FetchTable };
        noticesAt = notices;
    }

    private Func<int, SrpTask>? newTask;
    private int noticesAt;

    private bool HasFreeTask => freeTasks > 0;

    /// <summary>A context; each is made at its first use.</summary>
    private SrpTask TakeTask(SrpReceive receive)
    {
        freeTasks--;
        TasksInUse++;
        var task = freeTask;
        if (task is null) tasks.Add(task = newTask!(tasks.Count));
        else (freeTask, task.Next) = (task.Next, null);
        task.Begin(receive);
        return task;
    }

    private void ReturnTask(SrpTask task)
    {
        FreeTable(task);
        (task.Next, freeTask) = (freeTask, task);
        freeTasks++;
        TasksInUse--;
        TakeWaiting();
        OfferCredits();
    }

    private void DestroyQueues()
    {
        if (qp is { } pair)
        {
            Port.Remove(pair.Number);
            pair.Destroy(); // before the id that it hangs on
        }
        qp = null;
        cq?.Destroy();
        cq = null;
        region?.Deregister();
        region = null;
    }

    private void Release()
    {
        if (sends.InFlight > 0 || receivesPosted > 0)
            throw new InvalidOperationException($"{this}: given back while {sends.InFlight} sends and {receivesPosted} receives are with the device");
        ReleaseResources();
    }

    /// <summary>The id goes last: the queue pair hangs on it.</summary>
    private protected virtual void ReleaseResources()
    {
        DestroyQueues();
        id.Destroy();
    }

    public override string ToString() => $"srp {SessionName} {id.Remote}";
}
