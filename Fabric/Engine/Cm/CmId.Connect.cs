using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Engine.Cm;

// The consumer's end of a connection: calls, and what the state machine says.
internal sealed partial class CmId
{
    #region Calls

    public VerbsError? CreateQueuePair(IProtectionDomain pd, QpInit init)
    {
        if (QueuePair is not null) return Error(VerbsErrorCode.InvalidState, "the id has a QP");
        if (path.SourceGid.IsNone) return WrongState(nameof(CreateQueuePair));
        if (init.Type != (IsDatagram ? QpType.UnreliableDatagram : QpType.ReliableConnected))
            return Error(VerbsErrorCode.InvalidAttribute, $"a {init.Type} QP in port space {PortSpace}");
        try
        {
            QueuePair = pd.CreateQueuePair(init);
        }
        catch (VerbsException refused)
        {
            return refused.Error;
        }
        var error = IsDatagram ? StartDatagram(QueuePair) : QueuePair.Modify(
            new() { State = QpState.Init, Port = path.PortNumber, PKeyIndex = path.PKeyIndex, Access = AccessFlags.RemoteWrite },
            QpAttributeMask.State | QpAttributeMask.PKeyIndex | QpAttributeMask.Port | QpAttributeMask.Access);
        if (error is not null)
        {
            QueuePair.Destroy();
            QueuePair = null;
        }
        return error;
    }

    // A datagram QP needs no peer: it is ready to send at once, with the Q_Key of the port space.
    private VerbsError? StartDatagram(IQueuePair qp) =>
        qp.Modify(
            new() { State = QpState.Init, Port = path.PortNumber, PKeyIndex = path.PKeyIndex, QKey = QKey.RdmaUdp },
            QpAttributeMask.State | QpAttributeMask.PKeyIndex | QpAttributeMask.Port | QpAttributeMask.QKey)
        ?? qp.Modify(new() { State = QpState.ReadyToReceive }, QpAttributeMask.State)
        ?? qp.Modify(new() { State = QpState.ReadyToSend, SqPsn = manager.NewPsn() }, QpAttributeMask.State | QpAttributeMask.SqPsn);

    public VerbsError? Connect(ConnectionParameters parameters)
    {
        if (State != CmIdState.RouteResolved) return WrongState(nameof(Connect));
        var room = IsDatagram ? CmLimits.SidrReqPrivateData : IsRaw ? CmLimits.RawReqPrivateData : CmLimits.ReqPrivateData;
        if (parameters.PrivateData.Length > room) return TooLong(parameters.PrivateData.Length, room);
        if (!IsDatagram && QueuePair is not { State: QpState.Init }) return Error(VerbsErrorCode.InvalidState, "Connect needs a QP in INIT");
        if (parameters.RetryCount > 7 || parameters.RnrRetryCount > 7) return Error(VerbsErrorCode.InvalidAttribute, "retry counts go to 7");
        if (manager.IsFull) return Error(VerbsErrorCode.OutOfResources, "connections");

        Span<byte> data = stackalloc byte[HeaderLength + room];
        if (!IsRaw) RdmaCmHeader.For(Local.Address, Local.Port, Remote.Address).Write(data);
        data[HeaderLength..].Clear();
        parameters.PrivateData.Span.CopyTo(data[HeaderLength..]);

        link = manager.NewLink(this, manager.MadPortOf(path.PortNumber), path with { FlowLabel = 0 });
        State = CmIdState.Connecting;
        if (IsDatagram) ConnectDatagram(data);
        else ConnectReliable(QueuePair!, parameters, data);
        link.Settle();
        return null;
    }

    private int PacketLifetime => route?.PacketLifetime ?? CmLimits.PacketLifetime;

    private void ConnectReliable(IQueuePair qp, ConnectionParameters parameters, ReadOnlySpan<byte> data)
    {
        var attributes = Device.Attributes;
        var isLocal = route is { IsGlobal: false };
        link!.OwnPsn = manager.NewPsn();
        link.Request = new CmReq
        {
            LocalCommId = link.Connection.LocalCommId,
            ServiceId = ServiceOf(Remote.Port),
            LocalCaGuid = manager.CaGuid,
            LocalQpn = qp.Number,
            ResponderResources = (byte)Math.Min(parameters.ResponderResources, attributes.MaxQpRdAtomic),
            InitiatorDepth = (byte)Math.Min(parameters.InitiatorDepth, attributes.MaxQpInitRdAtomic),
            RemoteResponseTimeout = CmLimits.ResponseTimeout,
            LocalResponseTimeout = CmLimits.ResponseTimeout,
            EndToEndFlowControl = parameters.FlowControl,
            StartingPsn = link.OwnPsn,
            RetryCount = parameters.RetryCount,
            RnrRetryCount = parameters.RnrRetryCount,
            MaxCmRetries = CmLimits.MaxRetries,
            PKey = Device.QueryPKey(path.PortNumber, path.PKeyIndex),
            PathMtu = mtu,
            Srq = parameters.Srq || qp.Srq is not null,
            // Beyond one hop there are no LIDs to tell; Linux writes the permissive one.
            PrimaryLocalLid = isLocal ? route!.Value.SourceLid : Lid.Permissive,
            PrimaryRemoteLid = isLocal ? path.DestinationLid : Lid.Permissive,
            PrimarySubnetLocal = isLocal,
            PrimaryServiceLevel = path.ServiceLevel,
            PrimaryPacketRate = route?.Rate ?? 0,
            PrimaryLocalGid = path.SourceGid,
            PrimaryRemoteGid = path.DestinationGid,
            PrimaryFlowLabel = path.FlowLabel,
            PrimaryTrafficClass = path.TrafficClass,
            PrimaryHopLimit = path.HopLimit,
            PrimaryAckTimeout = (byte)CmTimers.AckTimeout(attributes.AckDelay, PacketLifetime),
        }.WithPrivateData(data);
        manager.Reserve(link, qp.Number);
        link.Connection.Connect(link.Request, CmTimers.ResponseTimeout(PacketLifetime, CmLimits.ResponseTimeout), Now);
    }

    private void ConnectDatagram(ReadOnlySpan<byte> data)
    {
        var req = new CmSidrReq
        {
            RequestId = link!.Connection.LocalCommId,
            PKey = Device.QueryPKey(path.PortNumber, path.PKeyIndex),
            ServiceId = ServiceOf(Remote.Port),
        }.WithPrivateData(data);
        link.Connection.ConnectSidr(req, CmTimers.ResponseTimeout(PacketLifetime, CmLimits.ResponseTimeout), CmLimits.MaxRetries, Now);
    }

    public VerbsError? Accept(ConnectionParameters parameters)
    {
        if (State != CmIdState.Request || !isUnanswered) return WrongState(nameof(Accept));
        var room = IsDatagram ? CmLimits.SidrRepPrivateData : CmLimits.RepPrivateData;
        if (parameters.PrivateData.Length > room) return TooLong(parameters.PrivateData.Length, room);
        if (parameters.RnrRetryCount > 7) return Error(VerbsErrorCode.InvalidAttribute, "retry counts go to 7");
        if (QueuePair is not { } qp) return Error(VerbsErrorCode.InvalidState, "Accept needs a QP");
        if (IsDatagram)
        {
            Answered();
            AnswerDatagram(CmSidrStatus.Valid, parameters.PrivateData.Span);
            return null;
        }

        var request = link!.Request;
        var responder = (byte)Math.Min(parameters.ResponderResources, request.InitiatorDepth);
        var depth = (byte)Math.Min(parameters.InitiatorDepth, request.ResponderResources);
        link.OwnPsn = manager.NewPsn();
        // The peer may send as soon as it has the REP, and its data may come before its RTU: the QP must be up before the REP leaves.
        var error = BringUp(qp, request.LocalQpn, request.StartingPsn, responder, depth, request.RnrRetryCount, request.PrimaryAckTimeout);
        if (error is not null)
        {
            FailQueuePair();
            RejectWith([]);
            return error;
        }
        manager.Reserve(link, qp.Number);
        AwaitEstablishment(true);
        Answered();
        link.Connection.Accept(
            new CmRep
            {
                LocalCommId = link.Connection.LocalCommId,
                RemoteCommId = link.Connection.RemoteCommId,
                LocalQpn = qp.Number,
                StartingPsn = link.OwnPsn,
                ResponderResources = responder,
                InitiatorDepth = depth,
                TargetAckDelay = Device.Attributes.AckDelay,
                EndToEndFlowControl = parameters.FlowControl,
                RnrRetryCount = parameters.RnrRetryCount,
                Srq = parameters.Srq || qp.Srq is not null,
                LocalCaGuid = manager.CaGuid,
            }.WithPrivateData(parameters.PrivateData.Span),
            Now);
        link.Settle();
        return null;
    }

    public VerbsError? Reject(ReadOnlySpan<byte> privateData)
    {
        if (State != CmIdState.Request || !isUnanswered) return WrongState(nameof(Reject));
        var room = IsDatagram ? CmLimits.SidrRepPrivateData : CmLimits.RejPrivateData;
        if (privateData.Length > room) return TooLong(privateData.Length, room);
        if (IsDatagram)
        {
            Answered();
            AnswerDatagram(CmSidrStatus.RejectedByServiceProvider, privateData);
        }
        else RejectWith(privateData);
        return null;
    }

    private void RejectWith(ReadOnlySpan<byte> privateData)
    {
        Answered();
        link!.Connection.Reject(CmRejReason.ConsumerDefined, [], privateData, Now);
        link.Settle();
    }

    private void AnswerDatagram(CmSidrStatus status, ReadOnlySpan<byte> privateData)
    {
        var valid = status == CmSidrStatus.Valid;
        link!.Connection.AnswerSidr(
            new CmSidrRep
            {
                RequestId = link.Connection.RemoteCommId,
                Status = status,
                Qpn = valid ? QueuePair!.Number : default,
                QKey = valid ? QKey.RdmaUdp : default,
                ServiceId = ServiceOf(Local.Port),
            }.WithPrivateData(privateData),
            Now);
        link.Settle();
    }

    public VerbsError? Disconnect()
    {
        if (link is null || CmStates.Find(link.Connection.State, CmInput.Disconnect) is null) return WrongState(nameof(Disconnect));
        FailQueuePair();
        link.Connection.Disconnect([], Now);
        link.Settle();
        return null;
    }

    public VerbsError? NotifyCommunicationEstablished()
    {
        if (link is null || !link.Connection.CommunicationEstablished(Now)) return WrongState(nameof(NotifyCommunicationEstablished));
        link.Settle();
        return null;
    }

    private static VerbsError TooLong(int length, int room) =>
        Error(VerbsErrorCode.InvalidAttribute, $"{length} bytes of private data; there is room for {room}");

    #endregion

    #region Queue pair

    // INIT to RTR to RTS from what both sides have said. Starting PSNs cross: each side starts where the other said.
    private VerbsError? BringUp(IQueuePair qp, Qpn remote, Psn remotePsn, byte responder, byte depth, byte rnrRetry, int ackTimeout)
    {
        var attributes = Device.Attributes;
        return qp.Modify(
            new()
            {
                State = QpState.ReadyToReceive,
                AddressVector = path,
                PathMtu = link!.Request.PathMtu,
                DestinationQpn = remote,
                RqPsn = link.OwnPsn,
                MaxDestRdAtomic = (byte)Math.Min(responder, attributes.MaxQpRdAtomic),
                MinRnrTimer = 0,
                Access = responder > 0 ? AccessFlags.RemoteWrite | AccessFlags.RemoteRead | AccessFlags.RemoteAtomic : AccessFlags.RemoteWrite,
            },
            QpAttributeMask.State | QpAttributeMask.AddressVector | QpAttributeMask.PathMtu | QpAttributeMask.DestinationQpn | QpAttributeMask.RqPsn
            | QpAttributeMask.MaxDestRdAtomic | QpAttributeMask.MinRnrTimer | QpAttributeMask.Access)
        ?? qp.Modify(
            new()
            {
                State = QpState.ReadyToSend,
                SqPsn = remotePsn,
                Timeout = (byte)ackTimeout,
                RetryCount = link.Request.RetryCount,
                RnrRetry = rnrRetry,
                MaxRdAtomic = (byte)Math.Min(depth, attributes.MaxQpInitRdAtomic),
            },
            QpAttributeMask.State | QpAttributeMask.SqPsn | QpAttributeMask.Timeout | QpAttributeMask.RetryCount | QpAttributeMask.RnrRetry
            | QpAttributeMask.MaxRdAtomic);
    }

    // A QP in RTS takes no notice of the first packet; this one has to, as long as the RTU may be lost.
    private void AwaitEstablishment(bool waits)
    {
        if (QueuePair is Pairs.QueuePair { IsDestroyed: false } qp) qp.IsAwaitingEstablishment = waits;
    }

    private void FailQueuePair()
    {
        if (QueuePair is { State: not (QpState.Error or QpState.Reset) } qp) qp.Modify(new() { State = QpState.Error }, QpAttributeMask.State);
    }

    #endregion

    #region What the state machine says

    /// <summary>A notice of the connection: the QP is moved where that is this layer's work, then the event waits in the lane.</summary>
    public void OnNotice(in CmNotice notice)
    {
        switch (notice.Kind)
        {
            case CmNoticeKind.ReqReceived:
                OnRequest(notice.Message);
                break;
            case CmNoticeKind.RepReceived:
                OnReply(notice.Message);
                break;
            case CmNoticeKind.Established:
                AwaitEstablishment(false);
                Post(CmEventType.Established);
                break;
            case CmNoticeKind.Rejected:
                OnRejected(notice.Message);
                break;
            case CmNoticeKind.RequestError or CmNoticeKind.ReplyError or CmNoticeKind.SidrError:
                Post(CmEventType.Unreachable, CmLimits.TimedOut);
                break;
            case CmNoticeKind.PeerDisconnected:
                Post(CmEventType.Disconnected);
                break;
            case CmNoticeKind.Disconnected:
                if (notice.Attribute == CmAttribute.Rej) FailQueuePair();
                Post(CmEventType.Disconnected);
                break;
            case CmNoticeKind.DisconnectError:
                Post(CmEventType.Disconnected, CmLimits.TimedOut);
                break;
            case CmNoticeKind.TimeWaitExit:
                Post(CmEventType.TimewaitExit);
                break;
            case CmNoticeKind.SidrReqReceived:
                OnDatagramRequest(notice.Message);
                break;
            case CmNoticeKind.SidrRepReceived:
                OnDatagramReply(notice.Message);
                break;
        }
    }

    private void OnRequest(ReadOnlySpan<byte> message)
    {
        CmReq.TryRead(message, out var req);
        var item = manager.Rent();
        (item.Type, item.Listener) = (CmEventType.ConnectRequest, listener);
        item.SetPrivateData(req.PrivateData[HeaderLength..]);
        // What the peer offers to answer is what this side may start, and the other way round.
        item.Parameters = new()
        {
            ResponderResources = req.InitiatorDepth,
            InitiatorDepth = req.ResponderResources,
            FlowControl = req.EndToEndFlowControl,
            RetryCount = req.RetryCount,
            RnrRetryCount = req.RnrRetryCount,
            Srq = req.Srq,
            RemoteQpn = req.LocalQpn,
        };
        Post(item);
    }

    private void OnReply(ReadOnlySpan<byte> message)
    {
        CmRep.TryRead(message, out var rep);
        var connection = link!.Connection;
        connection.AckTimeout = CmTimers.AckTimeout(rep.TargetAckDelay, Math.Max(link.Request.PrimaryAckTimeout - 1, 0));
        var error = BringUp(QueuePair!, rep.LocalQpn, rep.StartingPsn, rep.InitiatorDepth, rep.ResponderResources, rep.RnrRetryCount, connection.AckTimeout);
        if (error is not null)
        {
            FailQueuePair();
            connection.Reject(CmRejReason.ConsumerDefined, [], [], Now);
            Post(CmEventType.ConnectError, CmLimits.Invalid);
            return;
        }
        connection.Ready([], Now);
        var item = manager.Rent();
        item.Type = CmEventType.Established;
        item.SetPrivateData(rep.PrivateData);
        item.Parameters = new()
        {
            ResponderResources = rep.InitiatorDepth,
            InitiatorDepth = rep.ResponderResources,
            FlowControl = rep.EndToEndFlowControl,
            RetryCount = link.Request.RetryCount,
            RnrRetryCount = rep.RnrRetryCount,
            Srq = rep.Srq,
            RemoteQpn = rep.LocalQpn,
        };
        Post(item);
    }

    private void OnRejected(ReadOnlySpan<byte> message)
    {
        Answered();
        FailQueuePair();
        CmRej.TryRead(message, out var rej);
        var item = manager.Rent();
        (item.Type, item.Status) = (CmEventType.Rejected, (int)rej.Reason);
        item.SetPrivateData(rej.PrivateData);
        Post(item);
    }

    private void OnDatagramRequest(ReadOnlySpan<byte> message)
    {
        CmSidrReq.TryRead(message, out var req);
        var item = manager.Rent();
        (item.Type, item.Listener) = (CmEventType.ConnectRequest, listener);
        item.SetPrivateData(req.PrivateData[HeaderLength..]);
        Post(item);
    }

    private void OnDatagramReply(ReadOnlySpan<byte> message)
    {
        CmSidrRep.TryRead(message, out var rep);
        var item = manager.Rent();
        item.SetPrivateData(rep.PrivateData);
        if (rep.Status == CmSidrStatus.Valid) (item.Type, item.DatagramQpn, item.DatagramQKey) = (CmEventType.Established, rep.Qpn, rep.QKey);
        else (item.Type, item.Status) = (CmEventType.Unreachable, (int)rep.Status);
        Post(item);
    }

    #endregion
}
