using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;
using Weft.Protocol.Iser;
using Weft.Target.Rdma;
using Weft.Target.Sessions;

namespace Weft.Target.Iser;

/// <summary>
/// A target connection over an RC queue pair: PDUs by SEND, data by RDMA. RFC 7145. One completion queue serves both directions, so that
/// completions are seen in the order in which the device made them.
/// </summary>
public partial class IserConnection : TargetConnection, ICmEventHandler, ICompletionHandler, ISendQueueUser<IserTask>
{
    private const int MaxSendDepth = 2048;
    private const int MinSendDepth = 16;
    private const int LoginData = TargetLogin.MaxResponseData;
    /// <summary>AHS that a receive buffer has room for: the default of MaxAHSLength.</summary>
    private const int MaxAhs = 256;
    /// <summary>Receives beyond the command window: immediate requests, and answers to pings.</summary>
    private const int ExtraReceives = 8;

    private readonly IserPortal portal;
    private readonly ICmId id;
    private ICompletionQueue? cq;
    private IQueuePair? qp;
    private RegisteredRegion? loginRegion, region;
    private ReceiveSlot? loginReceive;
    private SendBuffer? loginSend, pingSend;
    private ReceiveSlot[] receives = [];
    private PduQueue early; // arrived before the connection was established
    private bool remoteInvalidate;

    /// <param name="portal">Where the request arrived.</param>
    /// <param name="id">The CM id of the request.</param>
    public IserConnection(IserPortal portal, ICmId id)
        : base(portal.Host, $"iser {id.Remote}", id.Local.Address.ToString(), iser: true)
    {
        (this.portal, this.id, sends) = (portal, id, new(this));
        id.Handler = this;
        id.Context = this;
    }

    internal IserDevice Shared => portal.Shared;
    protected override bool IsIser => true;
    /// <summary>Null before the request is accepted and after everything was given back.</summary>
    public IQueuePair? QueuePair => qp;

    internal bool Owns(ICompletionQueue? queue) => queue is not null && queue == cq;

    /// <summary>Answers the connection request.</summary>
    internal void Accept(in CmEvent request)
    {
        var asked = request.Parameters ?? new();
        if (CreateQueues() is { } refused)
        {
            id.Reject(default);
            isConnectionOver = true;
            Close(refused.Code == VerbsErrorCode.OutOfResources ? CloseReason.NotEstablished : CloseReason.VerbsError);
            return;
        }
        loginRegion = new(Shared.Domain, MessageLength(LoginData) + SendBuffer.LengthFor(LoginData));
        loginReceive = new(loginRegion, 0, MessageLength(LoginData), 0);
        loginSend = new(loginRegion, MessageLength(LoginData), LoginData);
        PostReceive(loginReceive); // before the REP, which the first login request answers
        if (State >= ConnectionState.Closing) return;

        var theirs = IserCmPrivateData.TryRead(request.PrivateData.Span, out var data) ? data : default;
        remoteInvalidate = theirs.RemoteInvalidate;
        var maxReads = Math.Min(asked.InitiatorDepth, (byte)Math.Min(255, Shared.Device.Attributes.MaxQpInitRdAtomic));
        sends.LimitReads(maxReads);
        var answer = new byte[IserCmPrivateData.Length];
        new IserCmPrivateData(zeroBasedVa: false, remoteInvalidate).Write(answer);
        var error = id.Accept(new()
        {
            PrivateData = answer,
            ResponderResources = 0, // the initiator never reads from us
            InitiatorDepth = (byte)maxReads,
            FlowControl = asked.FlowControl,
            RnrRetryCount = asked.RnrRetryCount,
        });
        if (error is not null) AcceptFailed(error);
    }

    /// <summary>Accept was refused: the queue pair may be in any state, and what was posted comes back flushed.</summary>
    private protected virtual void AcceptFailed(VerbsError error)
    {
        id.Reject(default);
        isConnectionOver = true;
        Close(CloseReason.VerbsError);
    }

    /// <summary>Makes completion queue and queue pair; a device that is short of memory is asked for less, down to a floor.</summary>
    private VerbsError? CreateQueues()
    {
        var limits = Shared.Device.Attributes;
        var (receiveDepth, sendDepth) = (1 + ExtraReceives, 64);
        foreach (var target in Host.Targets)
        {
            receiveDepth = Math.Max(receiveDepth, ReceivesFor(target.QueuedCommands, target.Policy.Flag(KeyId.InitialR2T), target.Policy.Number(KeyId.FirstBurstLength),
                target.Policy.Number(KeyId.TargetRecvDataSegmentLength)));
            sendDepth = Math.Max(sendDepth, (4 * target.QueuedCommands) + 32);
        }
        receiveDepth = Math.Min(receiveDepth + 2, limits.MaxQpWr); // the login's, and the drain marker
        sendDepth = Math.Min(Math.Min(sendDepth, MaxSendDepth), limits.MaxQpWr);
        while (true)
        {
            VerbsError? error;
            try
            {
                cq = Shared.Device.CreateCompletionQueue(sendDepth + receiveDepth, this);
                error = id.CreateQueuePair(Shared.Domain, new(QpType.ReliableConnected, cq, cq, MaxSendWr: sendDepth, MaxReceiveWr: receiveDepth,
                    MaxSendSge: 1, MaxReceiveSge: 1, SignalAll: true, Context: this));
            }
            catch (VerbsException e)
            {
                error = e.Error;
            }
            if (error is null)
            {
                qp = id.QueuePair!;
                sends.Open(qp, sendDepth - 1); // the drain marker has the last place
                receiveCapacity = receiveDepth - 1;
                Shared.Add(this, qp.Number);
                cq!.Arm();
                return null;
            }
            cq?.Destroy();
            cq = null;
            if (error.Code != VerbsErrorCode.OutOfResources || LessThan(sendDepth) < MinSendDepth) return error;
            sendDepth = LessThan(sendDepth);
        }
    }

    /// <summary>What is asked for when so much was refused.</summary>
    private protected virtual int LessThan(int sendDepth) => sendDepth / 2;

    private static int MessageLength(int data) => IserMessage.HeadersLength + data + 3;

    /// <summary>Receives that a window needs: one for each command, its unsolicited Data-Out PDUs, and immediate requests.</summary>
    private static int ReceivesFor(int depth, bool initialR2T, uint firstBurst, uint segment) =>
        (depth * (initialR2T ? 1 : 1 + (int)((firstBurst + segment - 1) / segment))) + ExtraReceives;

    protected override bool PrepareFullFeature(Session session, int depth)
    {
        var parameters = session.Parameters;
        var segment = session.IsDiscovery ? LoginData : Math.Max(1024, parameters.TargetRecvDataSegmentLength);
        var count = ReceivesFor(depth, session.IsDiscovery || parameters.InitialR2T, (uint)parameters.FirstBurstLength, (uint)segment);
        count = Math.Min(count, receiveCapacity - receivesPosted);
        if (count < depth + 1) return false;
        // two contexts for each place of the window: an initiator uses a place again when it has seen the answer, and that may be
        // before the answer's send completion is seen here
        var tasks = (2 * depth) + Host.Limits.MaxImmediate + 2;
        var receiveLength = MessageLength(segment) + (session.IsDiscovery ? 0 : MaxAhs);
        var sendLength = SendBuffer.LengthFor(MaxSendData);
        try
        {
            region = new(Shared.Domain, (count * receiveLength) + ((tasks + 1) * sendLength));
        }
        catch (VerbsException)
        {
            return false;
        }
        receives = new ReceiveSlot[count];
        for (var i = 0; i < count; i++) receives[i] = new(region, i * receiveLength, receiveLength, i + 1);
        nextSend = count * receiveLength;
        pingSend = NewSendBuffer();
        AddTasks(tasks);
        foreach (var slot in receives) PostReceive(slot);
        return State < ConnectionState.Closing;
    }

    private int nextSend;

    private SendBuffer NewSendBuffer()
    {
        var buffer = new SendBuffer(region!, nextSend, MaxSendData);
        nextSend += SendBuffer.LengthFor(MaxSendData);
        return buffer;
    }

    protected override IscsiTask CreateTask() => new IserTask(NewSendBuffer());

    protected override Span<byte> LoginResponseData => loginSend!.Data;

    protected override void ReleaseTransport()
    {
        if (sends.InFlight > 0 || receivesPosted > 0)
            throw new InvalidOperationException($"{Name}: given back while {sends.InFlight} sends and {receivesPosted} receives are with the device");
        if (qp is { } pair)
        {
            Shared.Remove(pair.Number);
            pair.Destroy(); // before the id that it hangs on
        }
        qp = null;
        cq?.Destroy();
        cq = null;
        region?.Deregister();
        loginRegion?.Deregister();
        id.Destroy();
    }
}
