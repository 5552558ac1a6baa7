using System.Buffers.Binary;
using Weft.Fabric.Connections;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Cm;
using Weft.Protocol.Mad;

namespace Weft.Fabric.Engine.Cm;

/// <summary>
/// The communication manager of a device: comm IDs, listeners, stale connections and TIMEWAIT, and the RDMA CM ids on top.
/// IBA Vol 1 chapter 12 and annex A11. All datagrams of the class come in here and find their connection.
/// </summary>
internal class ConnectionManager : IConnectionManager, IMadAgent
{
    private readonly IRdmaDevice device;
    private readonly IPacketPort[] ports;
    private readonly IMadPort[] madPorts;
    private readonly IQpnAllocator qpns;
    private readonly Dictionary<uint, CmLink> byCommId = [];
    private readonly Dictionary<RemoteId, CmLink> byRemoteCommId = [];
    private readonly Dictionary<RemoteId, CmLink> byRemoteQpn = [];
    private readonly Dictionary<SidrKey, CmLink> bySidr = [];
    /// <summary>Ids bound to a port, chained through <see cref="CmId.NextOnPort"/>; the key is port space and port.</summary>
    private readonly Dictionary<uint, CmId> bound = [];
    /// <summary>Listeners of the InfiniBand port space.</summary>
    private readonly Dictionary<ServiceId, CmId> services = [];
    private readonly Stack<CmEventItem> freeEvents = [];
    private readonly string name;
    private readonly string commIdSubject;
    private readonly string psnSubject;
    private readonly string portSubject;
    private int laneNumber;

    /// <summary>Traffic class of the paths that this side chooses.</summary>
    public byte TypeOfService { get; init; }

    /// <param name="device">Its attributes, executor and ports.</param>
    /// <param name="ports">Packet ports, in the order of their numbers.</param>
    /// <param name="madPorts">QP1 of each of those ports.</param>
    /// <param name="qpns">Is told which QPNs are in use by connections, or in TIMEWAIT.</param>
    /// <param name="paths">Finds paths on InfiniBand; none: the way to an address is all there is to know, as on RoCE.</param>
    public ConnectionManager(IRdmaDevice device, IPacketPort[] ports, IMadPort[] madPorts, IQpnAllocator qpns, IPathResolver? paths = null)
    {
        (this.device, this.ports, this.madPorts, this.qpns, Paths) = (device, ports, madPorts, qpns, paths);
        CaGuid = device.Attributes.NodeGuid;
        Executor = device.Executor;
        name = device.Attributes.Name;
        var place = name == Executor.Name ? name : $"{Executor.Name} {name}";
        commIdSubject = $"{place} comm-id";
        psnSubject = $"{place} psn";
        portSubject = $"{place} ephemeral-port";
        foreach (var port in madPorts) port.Register((byte)MadClass.CommunicationManagement, this);
    }

    public IExecutor Executor { get; }
    public Guid64 CaGuid { get; }
    public IRdmaDevice Device => device;
    public IPathResolver? Paths { get; }
    /// <summary>Ids that consumers hold.</summary>
    public int IdCount { get; private set; }
    /// <summary>Connections in the tables, with and without an id; 0 when nothing is left, not even TIMEWAIT.</summary>
    public int LinkCount => byCommId.Count;
    /// <summary>Entries of the tables that find connections by what the peer calls them.</summary>
    public int RemoteEntryCount => byRemoteCommId.Count + byRemoteQpn.Count + bySidr.Count;
    /// <summary>Ids that hold a port.</summary>
    public int BoundCount { get; private set; }
    /// <summary>Datagrams that were no CM message, or belonged to no connection and needed no answer.</summary>
    public long Discarded { get; private set; }
    /// <summary>Requests dropped because a listener had too many unanswered.</summary>
    public long BacklogDrops { get; private set; }

    public ICmId CreateId(PortSpace space, ICmEventHandler handler, object? context = null)
    {
        if (space is not (PortSpace.Tcp or PortSpace.Udp or PortSpace.InfiniBand))
            throw new VerbsException(new(VerbsErrorCode.NotSupported, $"port space {space}"));
        return NewId(space, handler, context);
    }

    private CmId NewId(PortSpace space, ICmEventHandler handler, object? context)
    {
        IdCount++;
        return new(this, space, handler) { Context = context };
    }

    /// <summary>Called once by each id, when it is destroyed.</summary>
    public void IdDestroyed() => IdCount--;

    // Linux builds the transaction from its agent's number and the comm ID; any number but 0 will do.
    public static ulong TransactionOf(uint commId) => 1UL << 32 | commId;

    #region Values

    private uint NewCommId()
    {
        var id = (uint)Executor.Chooser.Draw(32, new(ChoiceKind.Value, commIdSubject));
        while (id == 0 || byCommId.ContainsKey(id)) id++;
        return id;
    }

    public Psn NewPsn() => new((uint)Executor.Chooser.Draw(24, new(ChoiceKind.Value, psnSubject)));

    /// <summary>A port that nobody holds at that address, or 0.</summary>
    private ushort NewPort(PortSpace space, Gid address)
    {
        var first = (int)(Executor.Chooser.Draw(16, new(ChoiceKind.Value, portSubject)) % CmLimits.EphemeralPorts);
        for (var i = 0; i < CmLimits.EphemeralPorts; i++)
        {
            var port = (ushort)(CmLimits.FirstEphemeralPort + (first + i) % CmLimits.EphemeralPorts);
            if (IsFree(space, new(address, port))) return port;
        }
        return 0;
    }

    public ILane NewLane() => Executor.CreateLane($"{name} cm-{laneNumber++}", ChoiceKind.Dispatch);

    #endregion

    #region Ports and addresses

    private static uint PortKey(PortSpace space, ushort port) => (uint)space << 16 | port;

    private bool IsFree(PortSpace space, IpEndpoint endpoint)
    {
        for (var id = bound.GetValueOrDefault(PortKey(space, endpoint.Port)); id is not null; id = id.NextOnPort)
            if (id.Local.Address == endpoint.Address || id.Local.Address.IsNone || endpoint.Address.IsNone) return false;
        return true;
    }

    /// <summary>Gives an id its port, an ephemeral one for port 0.</summary>
    public VerbsError? Bind(CmId id, ref IpEndpoint endpoint)
    {
        if (endpoint.Port == 0)
        {
            endpoint = endpoint with { Port = NewPort(id.PortSpace, endpoint.Address) };
            if (endpoint.Port == 0) return new(VerbsErrorCode.OutOfResources, "no ephemeral port is free");
        }
        else if (!IsFree(id.PortSpace, endpoint)) return new(VerbsErrorCode.AddressInUse, $"{endpoint} is in use");
        var key = PortKey(id.PortSpace, endpoint.Port);
        id.NextOnPort = bound.GetValueOrDefault(key);
        bound[key] = id;
        BoundCount++;
        return null;
    }

    public void Unbind(CmId id)
    {
        var key = PortKey(id.PortSpace, id.Local.Port);
        CmId? previous = null;
        for (var other = bound[key]; other != id; other = other.NextOnPort!) previous = other;
        if (previous is not null) previous.NextOnPort = id.NextOnPort;
        else if (id.NextOnPort is not null) bound[key] = id.NextOnPort;
        else bound.Remove(key);
        id.NextOnPort = null;
        BoundCount--;
    }

    /// <summary>Gives an id a service of the InfiniBand port space.</summary>
    public VerbsError? Bind(CmId id, ServiceId service) =>
        services.TryAdd(service, id) ? null : new(VerbsErrorCode.AddressInUse, $"somebody listens on service {service} already");

    public void Unbind(ServiceId service) => services.Remove(service);

    private CmId? FindListener(PortSpace space, ushort port, Gid destination)
    {
        for (var id = bound.GetValueOrDefault(PortKey(space, port)); id is not null; id = id.NextOnPort)
            if (id.State == CmIdState.Listening && (id.Local.Address.IsNone || id.Local.Address == destination)) return id;
        return null;
    }

    /// <summary>The port that has an address, and its index there; null when no port has it.</summary>
    public IPacketPort? PortOf(Gid address, out int index)
    {
        foreach (var port in ports)
            if ((index = port.IndexOf(address)) >= 0) return port;
        index = -1;
        return null;
    }

    public IMadPort MadPortOf(byte number) => Array.Find(madPorts, p => p.PortNumber == number)!;

    /// <summary>The device's address from which a peer is best reached: same family, longest common prefix; active ports first.</summary>
    public Gid ChooseSource(Gid remote)
    {
        var best = Gid.None;
        var bestScore = -1;
        foreach (var port in ports)
        {
            for (var i = 0; i < port.GidTableLength; i++)
            {
                var gid = port.GidAt(i);
                if (gid.IsNone || gid.IsIPv4 != remote.IsIPv4) continue;
                var common = gid.High != remote.High
                    ? System.Numerics.BitOperations.LeadingZeroCount(gid.High ^ remote.High)
                    : 64 + System.Numerics.BitOperations.LeadingZeroCount(gid.Low ^ remote.Low);
                var score = common + (port.IsActive ? 1000 : 0);
                if (score > bestScore) (best, bestScore) = (gid, score);
            }
        }
        return best;
    }

    #endregion

    #region Connections

    /// <summary>A new connection in the tables.</summary>
    public CmLink NewLink(CmId id, IMadPort port, in AddressVector madPath)
    {
        var link = new CmLink(this, id, NewCommId(), port, madPath);
        byCommId.Add(link.Connection.LocalCommId, link);
        return link;
    }

    public bool IsFull => byCommId.Count >= CmLimits.MaxConnections;

    public void Reserve(CmLink link, Qpn qpn)
    {
        link.ReservedQpn = qpn;
        qpns.Reserve(qpn);
    }

    public void Remove(CmLink link)
    {
        link.IsRemoved = true;
        byCommId.Remove(link.Connection.LocalCommId);
        if (link.ById is { } id) byRemoteCommId.Remove(id);
        if (link.ByQpn is { } qpn) byRemoteQpn.Remove(qpn);
        if (link.BySidr is { } sidr) bySidr.Remove(sidr);
        if (link.ReservedQpn is { } reserved) qpns.Unreserve(reserved);
    }

    private void KnowRemote(CmLink link, uint commId, Qpn qpn, Guid64 caGuid)
    {
        var key = new RemoteId(commId, caGuid);
        if (byRemoteCommId.TryAdd(key, link)) link.ById = key;
        key = new(qpn.Value, caGuid);
        if (byRemoteQpn.TryAdd(key, link)) link.ByQpn = key;
    }

    #endregion

    #region Events

    public CmEventItem Rent() => freeEvents.TryPop(out var item) ? item : new(this);

    public void Return(CmEventItem item)
    {
        item.Clear();
        freeEvents.Push(item);
    }

    #endregion

    #region Datagrams

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

    private CmLink? Find(ReadOnlySpan<byte> commId) => byCommId.GetValueOrDefault(BinaryPrimitives.ReadUInt32BigEndian(commId));

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
        byRemoteCommId.TryGetValue(new(req.LocalCommId, req.LocalCaGuid), out var same);
        if (same is not null && IsRepeated(same, transactionId, req))
        {
            Feed(same, CmAttribute.Req, transactionId, body);
            return;
        }
        // A connection with that QP is left from before the peer restarted: it must get out of the way. §12.9.8.3.1.
        if (byRemoteQpn.TryGetValue(new(req.LocalQpn.Value, req.LocalCaGuid), out var stale) && IsInTheWay(stale))
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
        if (!services.TryGetValue(req.ServiceId, out listener))
        {
            if (!req.ServiceId.IsRdmaCm || req.ServiceId.PortSpace != PortSpace.Tcp) return CmRejReason.InvalidServiceId;
            RdmaCmHeader.TryRead(req.PrivateData, out header);
            if (header.Check() is not null) return CmRejReason.ConsumerDefined;
            listener = FindListener(PortSpace.Tcp, req.ServiceId.Port, header.Destination);
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
        KnowRemote(link, req.LocalCommId, req.LocalQpn, req.LocalCaGuid);
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
        if (!byCommId.TryGetValue(rep.RemoteCommId, out var link) || !link.Connection.IsActive)
        {
            // Linux keeps silent here and lets the peer wait out its retries; §12.9.7.1 answers.
            Discarded++;
            Answer(port, reply, transactionId, CmReplies.Reject(rep, CmRejReason.InvalidCommId));
            return;
        }
        if (link.Connection.State is CmState.ReqSent or CmState.MraReqReceived)
        {
            if (byRemoteQpn.TryGetValue(new(rep.LocalQpn.Value, rep.LocalCaGuid), out var stale) && stale != link)
            {
                Answer(port, reply, transactionId, CmReplies.Reject(rep, CmRejReason.StaleConnection));
                Release(stale);
                return;
            }
            if (rep.LocalCommId != 0) KnowRemote(link, rep.LocalCommId, rep.LocalQpn, rep.LocalCaGuid);
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
            && byRemoteCommId.TryGetValue(new(rej.LocalCommId, new(BinaryPrimitives.ReadUInt64BigEndian(rej.Info))), out var link))
            return link;
        return byCommId.GetValueOrDefault(rej.RemoteCommId);
    }

    private void OnDreq(IMadPort port, in AddressVector reply, ulong transactionId, ReadOnlySpan<byte> body)
    {
        CmDreq.TryRead(body, out var dreq);
        if (byCommId.TryGetValue(dreq.RemoteCommId, out var link) && link.Connection.RemoteCommId == dreq.LocalCommId)
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
        if (bySidr.TryGetValue(key, out var known))
        {
            Feed(known, CmAttribute.SidrReq, transactionId, body);
            return;
        }
        RdmaCmHeader.TryRead(req.PrivateData, out var header);
        var listener = req.ServiceId.IsRdmaCm && req.ServiceId.PortSpace == PortSpace.Udp && header.Check() is null
            ? FindListener(PortSpace.Udp, req.ServiceId.Port, header.Destination)
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
        bySidr.Add(key, link);
        link.BySidr = key;
        id.BecomeRequest(
            listener, link, new(header.Destination, req.ServiceId.Port), new(header.Source, header.SourcePort),
            reply with { FlowLabel = 0, HopLimit = CmLimits.HopLimit });
        link.Connection.ReceiveSidr(req, transactionId, body, Executor.Now);
        link.Settle();
    }

    #endregion
}
