using System.Buffers.Binary;
using Weft.Fabric.Connections;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Cm;
using Weft.Protocol.Mad;

namespace Weft.Fabric.Engine.Cm;

// Datagrams of the class: what each is for, and the answers to those that are for no connection.
internal partial class ConnectionManager
{
    public void OnMad(IMadPort port, in AddressVector reply, Qpn sourceQpn, ReadOnlySpan<byte> mad)
    {
        if (!CmMad.TryReadHeader(mad, out var header, out var attribute, out var violation))
        {
            Discarded++;
            if (violation!.Rule == "cm-class-version" && (CmAttribute)header.AttributeId == CmAttribute.Req && CmReq.TryRead(mad[MadHeader.Length..], out var other))
                Answer(port, reply, header.TransactionId, CmReplies.Reject(other, CmRejReason.InvalidClassVersion));
            return;
        }
        var body = mad[MadHeader.Length..];
        switch (attribute)
        {
            case CmAttribute.Req:
                OnReq(port, reply, header.TransactionId, body);
                break;
            case CmAttribute.Rep:
                OnRep(port, reply, header.TransactionId, body);
                break;
            case CmAttribute.Rej:
                Feed(FindRejected(body), attribute, header.TransactionId, body);
                break;
            case CmAttribute.Dreq:
                OnDreq(port, reply, header.TransactionId, body);
                break;
            case CmAttribute.SidrReq:
                OnSidrReq(port, reply, header.TransactionId, body);
                break;
            case CmAttribute.SidrRep:
                Feed(Find(body), attribute, header.TransactionId, body);
                break;
            default: // MRA, RTU, DREP, LAP, APR: comm IDs at 0 and 4
                Feed(Find(body[4..]), attribute, header.TransactionId, body);
                break;
        }
    }

    private CmLink? Find(ReadOnlySpan<byte> commId) => links.Find(BinaryPrimitives.ReadUInt32BigEndian(commId));

    private void Feed(CmLink? link, CmAttribute attribute, ulong transactionId, ReadOnlySpan<byte> body)
    {
        if (link is null || !link.Connection.OnMessage(attribute, transactionId, body, Executor.Now)) Discarded++;
        link?.Settle();
    }

    private static void Answer<T>(IMadPort port, in AddressVector reply, ulong transactionId, in T message) where T : struct, ICmMessage<T>
    {
        Span<byte> mad = stackalloc byte[CmMad.Length];
        CmMad.Write(mad, transactionId, message);
        port.Send(reply, Qpn.Gsi, mad);
    }

    private void OnReq(IMadPort port, in AddressVector reply, ulong transactionId, ReadOnlySpan<byte> body)
    {
        CmReq.TryRead(body, out var req);
        var same = links.FindRemote(req.LocalCommId, req.LocalCaGuid);
        if (same is not null && IsRepeated(same, transactionId, req))
        {
            Feed(same, CmAttribute.Req, transactionId, body);
            return;
        }
        // A connection with that QP is left from before the peer restarted: it must get out of the way. §12.9.8.3.1.
        if (links.FindRemote(req.LocalQpn, req.LocalCaGuid) is { } stale && IsInTheWay(stale))
        {
            Answer(port, reply, transactionId, CmReplies.Reject(req, CmRejReason.StaleConnection));
            Release(stale);
            return;
        }
        RdmaCmHeader header = default;
        CmId? listener = null;
        var reason = same is not null ? CmRejReason.DuplicateLocalCommId : Check(port, req, out header, out listener);
        if (reason == CmRejReason.InvalidPrimaryGid)
        {
            Span<byte> gid = stackalloc byte[Gid.Length];
            ChooseSource(req.PrimaryRemoteGid).Write(gid);
            Answer(port, reply, transactionId, CmReplies.Reject(req, reason).WithInfo(gid));
        }
        else if (reason != CmRejReason.None) Answer(port, reply, transactionId, CmReplies.Reject(req, reason));
        else if (listener!.Unanswered >= listener.Backlog) BacklogDrops++;
        else Request(listener, header, port, reply, transactionId, req, body);
    }

    private static bool IsRepeated(CmLink link, ulong transactionId, in CmReq req) =>
        !link.Connection.IsActive && link.Connection.TransactionId == transactionId
        && link.Request.LocalQpn == req.LocalQpn && link.Request.StartingPsn == req.StartingPsn && link.Request.ServiceId == req.ServiceId;

    /// <summary>A connection in any state, TIMEWAIT too, keeps a new one of the same remote QP out. §12.9.8.3.1.</summary>
    internal virtual bool IsInTheWay(CmLink known) => true;

    /// <summary>The peer has forgotten an established connection: it is disconnected. One in TIMEWAIT is on its way out already.</summary>
    internal virtual void Release(CmLink stale)
    {
        if (stale.Connection.State != CmState.Established) return;
        stale.Connection.Disconnect([], Executor.Now);
        stale.Settle();
    }

    /// <summary>What a REQ has to be refused for, or None with the listener that it means.</summary>
    private CmRejReason Check(IMadPort port, in CmReq req, out RdmaCmHeader header, out CmId? listener)
    {
        header = default;
        listener = null;
        if (req.LocalCommId == 0) return CmRejReason.InvalidCommId;
        listener = bound.FindListener(req.ServiceId);
        if (listener is null)
        {
            if (!req.ServiceId.IsRdmaCm || req.ServiceId.PortSpace != PortSpace.Tcp) return CmRejReason.InvalidServiceId;
            RdmaCmHeader.TryRead(req.PrivateData, out header);
            if (header.Check() is not null) return CmRejReason.ConsumerDefined;
            listener = bound.FindListener(PortSpace.Tcp, req.ServiceId.Port, header.Destination);
        }
        if (listener is null) return CmRejReason.InvalidServiceId;
        if (req.TransportType != CmTransport.Rc) return CmRejReason.InvalidTransportType;
        var gid = req.PrimaryRemoteGid;
        var packetPort = Array.Find(ports, p => p.Number == port.PortNumber);
        // A P_Key that is not in the table has no reason of its own; Linux gives this one.
        if (packetPort is null || packetPort.IndexOf(gid) < 0 || packetPort.IndexOf(req.PKey) < 0) return CmRejReason.InvalidPrimaryGid;
        if (packetPort.LinkType == LinkType.InfiniBand && req.PrimarySubnetLocal && packetPort.PathBitsOf(req.PrimaryRemoteLid) == 0
            && req.PrimaryRemoteLid != packetPort.Lid) return CmRejReason.InvalidPrimaryLid;
        if (req.PathMtu is < PathMtu.Mtu256 or > PathMtu.Mtu4096 || req.PathMtu > packetPort.ActiveMtu) return CmRejReason.InvalidMtu;
        return IsFull ? CmRejReason.NoResources : CmRejReason.None;
    }

    private void Request(
        CmId listener, in RdmaCmHeader header, IMadPort port, in AddressVector reply, ulong transactionId, in CmReq req, ReadOnlySpan<byte> body)
    {
        var id = NewId(listener.PortSpace, listener.Handler, listener.Context);
        var link = NewLink(id, port, reply);
        link.Request = req;
        links.KnowRemote(link, req.LocalCommId, req.LocalQpn, req.LocalCaGuid);
        var isRaw = listener.PortSpace == PortSpace.InfiniBand;
        id.BecomeRequest(
            listener, link,
            isRaw ? new(req.PrimaryRemoteGid, 0) : new(header.Destination, req.ServiceId.Port),
            isRaw ? new(req.PrimaryLocalGid, 0) : new(header.Source, header.SourcePort),
            PathBack(req, reply));
        link.Connection.Receive(req, transactionId, body, Executor.Now);
        link.Settle();
    }

    /// <summary>The way that the packets of a requested connection take: the path of the REQ, from its other end. §12.7.11 and following.</summary>
    private AddressVector PathBack(in CmReq req, in AddressVector reply)
    {
        var port = PortOf(req.PrimaryRemoteGid, out var index)!;
        var way = new AddressVector(
            req.PrimaryRemoteGid, req.PrimaryLocalGid, port.Number, index, req.PrimaryFlowLabel, Math.Max(req.PrimaryHopLimit, (byte)1),
            req.PrimaryTrafficClass, ServiceLevel: req.PrimaryServiceLevel, PKeyIndex: (ushort)port.IndexOf(req.PKey));
        if (port.LinkType != LinkType.InfiniBand) return way;
        return way with
        {
            DestinationLid = req.PrimarySubnetLocal ? req.PrimaryLocalLid : reply.DestinationLid,
            SourcePathBits = req.PrimarySubnetLocal ? port.PathBitsOf(req.PrimaryRemoteLid) : reply.SourcePathBits,
            IsGlobal = !req.PrimarySubnetLocal,
        };
    }

    private void OnRep(IMadPort port, in AddressVector reply, ulong transactionId, ReadOnlySpan<byte> body)
    {
        CmRep.TryRead(body, out var rep);
        if (links.Find(rep.RemoteCommId) is not { Connection.IsActive: true } link)
        {
            // Linux keeps silent here and lets the peer wait out its retries; §12.9.7.1 answers.
            Discarded++;
            Answer(port, reply, transactionId, CmReplies.Reject(rep, CmRejReason.InvalidCommId));
            return;
        }
        if (link.Connection.State is CmState.ReqSent or CmState.MraReqReceived)
        {
            if (links.FindRemote(rep.LocalQpn, rep.LocalCaGuid) is { } stale && stale != link)
            {
                Answer(port, reply, transactionId, CmReplies.Reject(rep, CmRejReason.StaleConnection));
                Release(stale);
                return;
            }
            if (rep.LocalCommId != 0) links.KnowRemote(link, rep.LocalCommId, rep.LocalQpn, rep.LocalCaGuid);
        }
        if (!link.Connection.OnMessage(CmAttribute.Rep, transactionId, body, Executor.Now))
        {
            Discarded++;
            Answer(port, reply, transactionId, CmReplies.Reject(rep, CmRejReason.InvalidCommId));
        }
        link.Settle();
    }

    // A timeout REJ comes from a side that may never have learnt our comm ID; its own and its GUID find the connection. §12.6.7.2.
    private CmLink? FindRejected(ReadOnlySpan<byte> body)
    {
        CmRej.TryRead(body, out var rej);
        if (rej is { Reason: CmRejReason.Timeout, InfoLength: >= 8 }
            && links.FindRemote(rej.LocalCommId, new(BinaryPrimitives.ReadUInt64BigEndian(rej.Info))) is { } link)
            return link;
        return links.Find(rej.RemoteCommId);
    }

    private void OnDreq(IMadPort port, in AddressVector reply, ulong transactionId, ReadOnlySpan<byte> body)
    {
        CmDreq.TryRead(body, out var dreq);
        if (links.Find(dreq.RemoteCommId) is { } link && link.Connection.RemoteCommId == dreq.LocalCommId)
        {
            if (Heeds(link)) Feed(link, CmAttribute.Dreq, transactionId, body);
            return;
        }
        Discarded++;
        Answer(port, reply, transactionId, CmReplies.Answer(dreq));
    }

    /// <summary>A DREQ is for the connection in any state: also when its own DREQ is on the way, or it is in TIMEWAIT. §12.9.8.2.</summary>
    internal virtual bool Heeds(CmLink known) => true;

    private void OnSidrReq(IMadPort port, in AddressVector reply, ulong transactionId, ReadOnlySpan<byte> body)
    {
        CmSidrReq.TryRead(body, out var req);
        var key = new SidrKey(req.RequestId, reply.DestinationGid);
        if (links.Find(key) is { } known)
        {
            Feed(known, CmAttribute.SidrReq, transactionId, body);
            return;
        }
        RdmaCmHeader.TryRead(req.PrivateData, out var header);
        var listener = req.ServiceId.IsRdmaCm && req.ServiceId.PortSpace == PortSpace.Udp && header.Check() is null
            ? bound.FindListener(PortSpace.Udp, req.ServiceId.Port, header.Destination)
            : null;
        if (listener is null || IsFull)
        {
            Answer(port, reply, transactionId, CmReplies.Refuse(req, listener is null ? CmSidrStatus.ServiceIdNotSupported : CmSidrStatus.NoQpAvailable));
            return;
        }
        if (listener.Unanswered >= listener.Backlog)
        {
            BacklogDrops++;
            return;
        }
        var id = NewId(PortSpace.Udp, listener.Handler, listener.Context);
        var link = NewLink(id, port, reply);
        links.KnowRequest(link, key);
        id.BecomeRequest(
            listener, link, new(header.Destination, req.ServiceId.Port), new(header.Source, header.SourcePort),
            reply with { FlowLabel = 0, HopLimit = CmLimits.HopLimit });
        link.Connection.ReceiveSidr(req, transactionId, body, Executor.Now);
        link.Settle();
    }
}
