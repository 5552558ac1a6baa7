using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>
/// One end of a connection, or of a datagram service resolution: the state machine of <see cref="CmStates"/> with its timer, its kept
/// message and what both sides have told each other. Calls, messages and the time go in; datagrams, notices and a deadline come out.
/// It holds no QP, clock or task, and draws no number.
/// </summary>
public sealed class CmConnection
{
    private readonly ICmConnectionSink sink;
    private readonly byte[] kept = new byte[CmMad.Length];
    private Duration responseTimeout;
    private Duration mraTimeout;
    private int maxRetries;
    private int retriesLeft;
    private readonly ulong ownTransactionId;
    private ulong dreqTransactionId;
    private ServiceId sidrService;

    /// <param name="localCommId">Non-zero; for SIDR the request ID.</param>
    /// <param name="localCaGuid">Node GUID of this side.</param>
    /// <param name="ownTransactionId">Transaction of the messages that this side begins: REQ, SIDR REQ, DREQ.</param>
    /// <param name="sink">Takes what comes out.</param>
    public CmConnection(uint localCommId, Guid64 localCaGuid, ulong ownTransactionId, ICmConnectionSink sink) =>
        (LocalCommId, LocalCaGuid, this.ownTransactionId, this.sink) = (localCommId, localCaGuid, ownTransactionId, sink);

    public CmState State { get; private set; }
    /// <summary>When <see cref="OnTimer"/> must be called.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;
    public bool IsActive { get; private set; }
    public uint LocalCommId { get; }
    public Guid64 LocalCaGuid { get; }
    /// <summary>0 until the peer's first message.</summary>
    public uint RemoteCommId { get; private set; }
    public Guid64 RemoteCaGuid { get; private set; }
    public Qpn LocalQpn { get; private set; }
    public Qpn RemoteQpn { get; private set; }
    /// <summary>Transaction of the set-up; that of a DREQ is the sender's own.</summary>
    public ulong TransactionId { get; private set; }
    /// <summary>Code of the time that packets of the connection may live; also the length of TIMEWAIT.</summary>
    public int AckTimeout { get; set; }
    /// <summary>Messages sent again because no answer came.</summary>
    public int Retransmissions { get; private set; }
    /// <summary>Messages that changed nothing: repeated, too late, or not for this state.</summary>
    public int Ignored { get; private set; }

    /// <summary>Sends the REQ. Its local comm ID must be this connection's.</summary>
    /// <param name="timeout">Until the REQ is repeated, <see cref="CmReq.MaxCmRetries"/> times; also used for the DREQ.</param>
    public bool Connect(in CmReq req, Duration timeout, Instant now)
    {
        if (CmStates.Find(State, CmInput.Connect) is not { } edge) return false;
        (IsActive, TransactionId, LocalQpn, AckTimeout) = (true, ownTransactionId, req.LocalQpn, req.PrimaryAckTimeout);
        (responseTimeout, maxRetries) = (timeout, req.MaxCmRetries);
        CmMad.Write(kept, ownTransactionId, req);
        Take(edge, now);
        return true;
    }

    /// <summary>Begins the passive side with the REQ that was received.</summary>
    public bool Receive(in CmReq req, ulong transactionId, ReadOnlySpan<byte> body, Instant now)
    {
        if (CmStates.Find(State, CmInput.Req) is not { To: CmState.ReqReceived } edge) return false;
        TransactionId = transactionId;
        (RemoteCommId, RemoteCaGuid, RemoteQpn, AckTimeout) = (req.LocalCommId, req.LocalCaGuid, req.LocalQpn, req.PrimaryAckTimeout);
        (responseTimeout, maxRetries) = (CodedTime.ToDuration(req.LocalResponseTimeout), req.MaxCmRetries);
        Take(edge, now, CmAttribute.Req, body);
        return true;
    }

    /// <summary>Sends the REP, and repeats it until the RTU comes. The caller has filled in everything but the comm IDs' order.</summary>
    public bool Accept(in CmRep rep, Instant now)
    {
        if (CmStates.Find(State, CmInput.Accept) is not { } edge) return false;
        LocalQpn = rep.LocalQpn;
        CmMad.Write(kept, TransactionId, rep);
        Take(edge, now);
        return true;
    }

    /// <summary>Sends the RTU.</summary>
    public bool Ready(ReadOnlySpan<byte> privateData, Instant now)
    {
        if (CmStates.Find(State, CmInput.Ready) is not { } edge) return false;
        CmMad.Write(kept, TransactionId, new CmRtu { LocalCommId = LocalCommId, RemoteCommId = RemoteCommId }.WithPrivateData(privateData));
        Take(edge, now);
        return true;
    }

    /// <summary>Says that the answer to the REQ or REP takes longer: at once, or only when the message is repeated.</summary>
    public bool Mra(int serviceTimeout, bool onlyWhenRepeated, Instant now)
    {
        if (CmStates.Find(State, onlyWhenRepeated ? CmInput.PrepareMra : CmInput.SendMra) is not { } edge) return false;
        CmMad.Write(kept, TransactionId, new CmMra
        {
            LocalCommId = LocalCommId,
            RemoteCommId = RemoteCommId,
            Message = IsActive ? CmMessageRef.Rep : CmMessageRef.Req,
            ServiceTimeout = (byte)serviceTimeout,
        });
        Take(edge, now);
        return true;
    }

    /// <summary>Refuses a REQ or a REP.</summary>
    public bool Reject(CmRejReason reason, ReadOnlySpan<byte> info, ReadOnlySpan<byte> privateData, Instant now)
    {
        var from = State;
        if (CmStates.Find(from, CmInput.Reject) is not { } edge) return false;
        var rej = Rejection(from, reason).WithInfo(info).WithPrivateData(privateData);
        Take(edge, now, rej: rej);
        return true;
    }

    /// <summary>The QP has received data. Harmless when the RTU was faster.</summary>
    public bool CommunicationEstablished(Instant now) => TryTake(CmInput.CommEst, now);

    /// <summary>Sends a DREQ, or answers the peer's. Repeating the call is harmless.</summary>
    public bool Disconnect(ReadOnlySpan<byte> privateData, Instant now)
    {
        if (CmStates.Find(State, CmInput.Disconnect) is not { } edge) return false;
        if (State == CmState.Established)
            CmMad.Write(kept, ownTransactionId, Release().WithPrivateData(privateData));
        else if (State == CmState.DreqReceived)
            CmMad.Write(kept, dreqTransactionId, ReleaseReply().WithPrivateData(privateData));
        Take(edge, now);
        return true;
    }

    /// <summary>The owner goes away, in any state. What the peer must know is sent; only TIMEWAIT may remain.</summary>
    public void Destroy(Instant now) => TryTake(CmInput.Destroy, now);

    /// <summary>Sends the SIDR REQ; its request ID is <see cref="LocalCommId"/>.</summary>
    public bool ConnectSidr(in CmSidrReq req, Duration timeout, int retries, Instant now)
    {
        if (CmStates.Find(State, CmInput.ConnectSidr) is not { } edge) return false;
        (IsActive, TransactionId, responseTimeout, maxRetries) = (true, ownTransactionId, timeout, retries);
        CmMad.Write(kept, ownTransactionId, req);
        Take(edge, now);
        return true;
    }

    /// <summary>Begins the passive side of a resolution; <see cref="RemoteCommId"/> is the request ID.</summary>
    public bool ReceiveSidr(in CmSidrReq req, ulong transactionId, ReadOnlySpan<byte> body, Instant now)
    {
        if (CmStates.Find(State, CmInput.SidrReq) is not { To: CmState.SidrReqReceived } edge) return false;
        (TransactionId, RemoteCommId, sidrService) = (transactionId, req.RequestId, req.ServiceId);
        Take(edge, now, CmAttribute.SidrReq, body);
        return true;
    }

    /// <summary>Answers a SIDR REQ, for and against.</summary>
    public bool AnswerSidr(in CmSidrRep rep, Instant now)
    {
        if (CmStates.Find(State, CmInput.AnswerSidr) is not { } edge) return false;
        CmMad.Write(kept, TransactionId, rep);
        Take(edge, now);
        return true;
    }

    /// <summary>
    /// A message that names this connection. False when it does not belong to it after all (its comm IDs or QPN differ): nothing has
    /// changed then. A message that comes too late or twice belongs to it, and is answered or ignored as the state says.
    /// </summary>
    public bool OnMessage(CmAttribute attribute, ulong transactionId, ReadOnlySpan<byte> body, Instant now)
    {
        CmInput input;
        switch (attribute)
        {
            case CmAttribute.Req when !IsActive && CmReq.TryRead(body, out var req) && req.LocalCommId == RemoteCommId:
                input = CmInput.Req;
                break;
            case CmAttribute.Mra when CmMra.TryRead(body, out var mra) && mra.RemoteCommId == LocalCommId && mra.Message <= CmMessageRef.Rep:
                if (mra.Message == CmMessageRef.Rep && mra.LocalCommId != RemoteCommId) return false;
                input = mra.Message == CmMessageRef.Req ? CmInput.MraReq : CmInput.MraRep;
                mraTimeout = CodedTime.ToDuration(mra.ServiceTimeout) + CodedTime.ToDuration(AckTimeout);
                break;
            case CmAttribute.Rej when CmRej.TryRead(body, out var rej):
                if (RemoteCommId != 0 && rej.LocalCommId != 0 && rej.LocalCommId != RemoteCommId) return false;
                input = rej.Reason == CmRejReason.StaleConnection ? CmInput.RejStale : CmInput.Rej;
                break;
            case CmAttribute.Rep when IsActive && CmRep.TryRead(body, out var rep) && rep.RemoteCommId == LocalCommId && rep.LocalCommId != 0:
                if (State is CmState.ReqSent or CmState.MraReqReceived)
                    (RemoteCommId, RemoteCaGuid, RemoteQpn) = (rep.LocalCommId, rep.LocalCaGuid, rep.LocalQpn);
                else if (rep.LocalCommId != RemoteCommId) return false;
                input = CmInput.Rep;
                break;
            case CmAttribute.Rtu when CmRtu.TryRead(body, out var rtu) && rtu.RemoteCommId == LocalCommId && rtu.LocalCommId == RemoteCommId:
                input = CmInput.Rtu;
                break;
            case CmAttribute.Dreq when CmDreq.TryRead(body, out var dreq) && dreq.RemoteCommId == LocalCommId && dreq.LocalCommId == RemoteCommId:
                if (dreq.RemoteQpn != LocalQpn) return false; // §12.6.10: not the connection that it means
                dreqTransactionId = transactionId;
                input = CmInput.Dreq;
                break;
            case CmAttribute.Drep when CmDrep.TryRead(body, out var drep) && drep.RemoteCommId == LocalCommId && drep.LocalCommId == RemoteCommId:
                input = CmInput.Drep;
                break;
            case CmAttribute.Lap when CmLap.TryRead(body, out var lap) && lap.RemoteCommId == LocalCommId && lap.LocalCommId == RemoteCommId:
                input = CmInput.Lap;
                break;
            case CmAttribute.SidrReq when !IsActive && CmSidrReq.TryRead(body, out var sidrReq) && sidrReq.RequestId == RemoteCommId:
                input = CmInput.SidrReq;
                break;
            case CmAttribute.SidrRep when IsActive && CmSidrRep.TryRead(body, out var sidrRep) && sidrRep.RequestId == LocalCommId:
                input = CmInput.SidrRep;
                break;
            default:
                return false;
        }
        if (CmStates.Find(State, input) is not { } edge) Ignored++;
        else
        {
            if (edge.From == edge.To) Ignored++;
            Take(edge, now, attribute, body, transactionId);
        }
        return true;
    }

    /// <summary>To be called when <see cref="Deadline"/> has come; earlier calls do nothing.</summary>
    public void OnTimer(Instant now)
    {
        if (now < Deadline || Deadline.IsNever) return;
        TryTake(State == CmState.TimeWait ? CmInput.TimeWaitEnd : retriesLeft > 0 ? CmInput.Retransmit : CmInput.GiveUp, now);
    }

    private bool TryTake(CmInput input, Instant now)
    {
        if (CmStates.Find(State, input) is not { } edge) return false;
        Take(edge, now);
        return true;
    }

    /// <summary>Follows an edge: the only place where the state, the deadline or the wire changes.</summary>
    private void Take(
        CmEdge edge, Instant now, CmAttribute attribute = CmAttribute.None, ReadOnlySpan<byte> body = default, ulong transactionId = 0, in CmRej rej = default)
    {
        var actions = edge.Actions;
        State = edge.To;
        SetTimer(actions, now);
        if ((actions & (CmActions.Send | CmActions.Resend)) != 0) sink.Send(this, kept);
        if ((actions & CmActions.RetryTimer) != 0) Retransmissions++;
        if (actions >= CmActions.SendRej) SendBuilt(edge, actions, transactionId, rej);
        if (edge.Notice != CmNoticeKind.None) sink.Notify(this, new(edge.Notice, attribute, body));
    }

    private void SetTimer(CmActions actions, Instant now)
    {
        if ((actions & CmActions.StopTimer) != 0) Deadline = Instant.Never;
        else if ((actions & CmActions.TimeWaitTimer) != 0) Deadline = now + CodedTime.ToDuration(AckTimeout);
        else if ((actions & CmActions.ExtendTimer) != 0) Deadline = now + mraTimeout;
        else if ((actions & CmActions.StartTimer) != 0) (retriesLeft, Deadline) = (maxRetries, now + responseTimeout);
        else if ((actions & CmActions.RetryTimer) != 0) (retriesLeft, Deadline) = (retriesLeft - 1, now + responseTimeout);
    }

    private void SendBuilt(CmEdge edge, CmActions actions, ulong transactionId, in CmRej rej)
    {
        Span<byte> mad = stackalloc byte[CmMad.Length];
        if ((actions & CmActions.SendRej) != 0)
            CmMad.Write(mad, TransactionId, rej);
        else if ((actions & CmActions.SendRejConsumer) != 0)
            CmMad.Write(mad, TransactionId, Rejection(edge.From, CmRejReason.ConsumerDefined));
        else if ((actions & CmActions.SendRejTimeout) != 0)
        {
            Span<byte> guid = stackalloc byte[8];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(guid, LocalCaGuid.Value);
            CmMad.Write(mad, TransactionId, Rejection(edge.From, CmRejReason.Timeout).WithInfo(guid));
        }
        else if ((actions & CmActions.SendRejStale) != 0)
            CmMad.Write(mad, transactionId, new CmRej { RemoteCommId = RemoteCommId, Message = CmMessageRef.Req, Reason = CmRejReason.StaleConnection });
        else if ((actions & CmActions.SendDreq) != 0)
            CmMad.Write(mad, ownTransactionId, Release());
        else if ((actions & CmActions.SendDrep) != 0)
            CmMad.Write(mad, dreqTransactionId, ReleaseReply());
        else if ((actions & CmActions.SendApr) != 0)
            CmMad.Write(mad, transactionId, new CmApr { LocalCommId = LocalCommId, RemoteCommId = RemoteCommId, Status = CmAprStatus.Unsupported });
        else if ((actions & CmActions.SendSidrReject) != 0)
            CmMad.Write(mad, TransactionId, new CmSidrRep
            {
                RequestId = RemoteCommId,
                Status = CmSidrStatus.RejectedByServiceProvider,
                ServiceId = sidrService,
            });
        else throw new InvalidOperationException($"no message for {actions}");
        sink.Send(this, mad);
    }

    // Linux names a comm ID of its own only once it has told the peer one, and calls everything but REQ and REP "other".
    private CmRej Rejection(CmState from, CmRejReason reason) => new()
    {
        LocalCommId = from == CmState.ReqReceived ? 0 : LocalCommId,
        RemoteCommId = RemoteCommId,
        Message = from switch
        {
            CmState.ReqReceived or CmState.MraReqSent => CmMessageRef.Req,
            CmState.RepReceived or CmState.MraRepSent => CmMessageRef.Rep,
            _ => CmMessageRef.Other,
        },
        Reason = reason,
    };

    private CmDreq Release() => new() { LocalCommId = LocalCommId, RemoteCommId = RemoteCommId, RemoteQpn = RemoteQpn };

    private CmDrep ReleaseReply() => new() { LocalCommId = LocalCommId, RemoteCommId = RemoteCommId };

    public override string ToString() => $"CM 0x{LocalCommId:x8}/0x{RemoteCommId:x8} {State}";
}
