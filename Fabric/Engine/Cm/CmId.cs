using Weft.Fabric.Connections;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Engine.Cm;

/// <summary>
/// An RDMA CM id: address and route resolution, the listener, and the consumer's end of a connection. Events wait in the id's lane, so none
/// is ever delivered from inside a call; what is still waiting when the id is destroyed is dropped.
/// </summary>
internal sealed partial class CmId : ICmId, INeighborWaiter, IPathWaiter
{
    private readonly ConnectionManager manager;
    private ILane? lane;
    private Execution.Timer? resolveTimer;
    private int waitingEvents;
    private bool holdsPort;
    private ServiceId? heldService;
    private bool isUnanswered;
    private CmId? listener;
    private CmLink? link;
    private AddressVector path;
    private PathMtu mtu;
    private ServiceId service;
    /// <summary>What the SA, or the consumer, said; none on RoCE.</summary>
    private ConnectionPath? route;

    public CmId(ConnectionManager manager, PortSpace space, ICmEventHandler handler) =>
        (this.manager, PortSpace, Handler) = (manager, space, handler);

    public PortSpace PortSpace { get; }
    public IRdmaDevice Device => manager.Device;
    public IpEndpoint Local { get; private set; }
    public IpEndpoint Remote { get; private set; }
    public object? Context { get; set; }
    public IQueuePair? QueuePair { get; private set; }
    public AddressVector Path => path;
    public ICmEventHandler Handler { get; set; }

    public CmIdState State { get; private set; }
    /// <summary>The next id that holds the same port at another address.</summary>
    public CmId? NextOnPort { get; set; }
    /// <summary>Listener: how many requests may wait for an answer.</summary>
    public int Backlog { get; private set; }
    /// <summary>Listener: requests that the consumer has not answered.</summary>
    public int Unanswered { get; private set; }
    /// <summary>The connection's state, Idle when there is none.</summary>
    public CmState ConnectionState => link?.Connection.State ?? CmState.Idle;

    private bool IsDatagram => PortSpace == PortSpace.Udp;
    private bool IsRaw => PortSpace == PortSpace.InfiniBand;
    /// <summary>What the RDMA CM puts in front of the consumer's data in a REQ; nothing in the InfiniBand port space.</summary>
    private int HeaderLength => IsRaw ? 0 : RdmaCmHeader.Length;
    private Instant Now => manager.Executor.Now;

    private static VerbsError Error(VerbsErrorCode code, string detail) => new(code, detail);

    private VerbsError WrongState(string call) =>
        Error(VerbsErrorCode.InvalidState, link is null ? $"{call} in {State}" : $"{call} in {State}, {link.Connection.State}");

    public override string ToString() => $"cm id {Local} > {Remote} {State}{(link is null ? "" : $" {link.Connection.State}")}";

    #region Addresses

    public VerbsError? Bind(IpEndpoint local)
    {
        if (State != CmIdState.Idle || IsRaw) return WrongState(nameof(Bind));
        if (!local.Address.IsNone && manager.PortOf(local.Address, out _) is null)
            return Error(VerbsErrorCode.NotFound, $"{local.Address} is no address of this device");
        if (BindTo(local) is { } error) return error;
        State = CmIdState.Bound;
        return null;
    }

    private VerbsError? BindTo(IpEndpoint local)
    {
        if (manager.Bind(this, ref local) is { } error) return error;
        (Local, holdsPort) = (local, true);
        return null;
    }

    public VerbsError? Listen(int backlog)
    {
        if (backlog < 1) return Error(VerbsErrorCode.InvalidAttribute, $"backlog {backlog}");
        if (State is not (CmIdState.Bound or CmIdState.Idle) || IsRaw) return WrongState(nameof(Listen));
        if (State == CmIdState.Idle && BindTo(default) is { } error) return error;
        (State, Backlog) = (CmIdState.Listening, backlog);
        return null;
    }

    public VerbsError? Listen(ServiceId service, int backlog)
    {
        if (backlog < 1) return Error(VerbsErrorCode.InvalidAttribute, $"backlog {backlog}");
        if (State != CmIdState.Idle || !IsRaw) return WrongState(nameof(Listen));
        if (manager.Bind(this, service) is { } error) return error;
        (heldService, State, Backlog) = (service, CmIdState.Listening, backlog);
        return null;
    }

    public VerbsError? UsePath(in ConnectionPath route, ServiceId service)
    {
        if (State != CmIdState.Idle || !IsRaw) return WrongState(nameof(UsePath));
        if (Follow(route) is { } error) return error;
        (this.service, Local, Remote, State) = (service, new(route.Source, 0), new(route.Destination, 0), CmIdState.RouteResolved);
        return null;
    }

    /// <summary>Takes a path for the packets of the connection and of its manager.</summary>
    private VerbsError? Follow(in ConnectionPath given)
    {
        if (manager.PortOf(given.Source, out var index) is not { } port) return Error(VerbsErrorCode.NotFound, $"{given.Source} is no address of this device");
        var pkey = port.IndexOf(given.PKey);
        if (pkey < 0) return Error(VerbsErrorCode.NotFound, $"P_Key {given.PKey} is not in the table of port {port.Number}");
        if (given.Mtu is < PathMtu.Mtu256 or > PathMtu.Mtu4096) return Error(VerbsErrorCode.InvalidAttribute, $"path MTU {given.Mtu}");
        route = given;
        mtu = given.Mtu < port.ActiveMtu ? given.Mtu : port.ActiveMtu;
        path = new(
            given.Source, given.Destination, port.Number, index, given.FlowLabel, Math.Max(given.HopLimit, (byte)1), given.TrafficClass, given.DestinationLid,
            port.PathBitsOf(given.SourceLid), given.ServiceLevel, given.IsGlobal || port.LinkType == Wire.LinkType.Ethernet, (ushort)pkey);
        return null;
    }

    public VerbsError? ResolveAddress(IpEndpoint remote, Duration timeout)
    {
        if (IsRaw || State is not (CmIdState.Idle or CmIdState.Bound)) return WrongState(nameof(ResolveAddress));
        if (remote.Address.IsNone || remote.Address.IsMulticast) return Error(VerbsErrorCode.InvalidAttribute, $"{remote} is no address of a peer");
        var source = Local.Address.IsNone ? manager.ChooseSource(remote.Address) : Local.Address;
        if (source.IsNone || source.IsIPv4 != remote.Address.IsIPv4 || manager.PortOf(source, out var index) is not { } port)
            return Error(VerbsErrorCode.Unreachable, $"no address of this device leads to {remote.Address}");
        if (!holdsPort)
        {
            if (BindTo(new(source, 0)) is { } error) return error;
        }
        else Local = Local with { Address = source };
        Remote = remote;
        path = new(source, remote.Address, port.Number, index, HopLimit: CmLimits.HopLimit, TrafficClass: manager.TypeOfService);
        mtu = port.ActiveMtu;
        State = CmIdState.ResolvingAddress;
        GiveUpAfter(timeout);
        port.Resolve(source, remote.Address, this);
        return null;
    }

    void INeighborWaiter.OnNeighbor(Gid destination, bool reachable)
    {
        if (State != CmIdState.ResolvingAddress || destination != Remote.Address) return;
        resolveTimer?.Cancel();
        State = reachable ? CmIdState.AddressResolved : CmIdState.Bound;
        if (reachable) Post(CmEventType.AddressResolved);
        else Post(CmEventType.AddressError, CmLimits.NoRoute);
    }

    private void GiveUpAfter(Duration timeout)
    {
        if (timeout.IsInfinite) return;
        resolveTimer ??= manager.Executor.CreateTimer("cm address", OnResolveTimeout);
        resolveTimer.Arm(Now + timeout);
    }

    private void OnResolveTimeout()
    {
        if (State == CmIdState.ResolvingAddress)
        {
            State = CmIdState.Bound;
            Post(CmEventType.AddressError, CmLimits.TimedOut);
        }
        else if (State == CmIdState.ResolvingRoute) RouteFailed(CmLimits.TimedOut);
    }

    /// <summary>On RoCE the route is known with the address: GIDs, hop limit and the port's MTU. On InfiniBand the SA is asked for a path.</summary>
    public VerbsError? ResolveRoute(Duration timeout)
    {
        if (State != CmIdState.AddressResolved) return WrongState(nameof(ResolveRoute));
        if (manager.Paths is { } paths)
        {
            State = CmIdState.ResolvingRoute;
            GiveUpAfter(timeout);
            paths.Resolve(path.PortNumber, path.SourceGid, path.DestinationGid, ServiceOf(Remote.Port).Value, this);
            return null;
        }
        path = path with { FlowLabel = IsDatagram ? 0 : FlowLabelOf(Local.Port, Remote.Port) };
        State = CmIdState.RouteResolved;
        Post(CmEventType.RouteResolved);
        return null;
    }

    void IPathWaiter.OnPath(Gid destination, in ConnectionPath? found)
    {
        if (State != CmIdState.ResolvingRoute || destination != Remote.Address) return;
        resolveTimer?.Cancel();
        if (found is not { } given || Follow(given) is not null) RouteFailed(CmLimits.NoRoute);
        else
        {
            State = CmIdState.RouteResolved;
            Post(CmEventType.RouteResolved);
        }
    }

    // As librdmacm: the address is still resolved, and the route may be asked for again.
    private void RouteFailed(int status)
    {
        State = CmIdState.AddressResolved;
        Post(CmEventType.RouteError, status);
    }

    private ServiceId ServiceOf(ushort port) => IsRaw ? service : ServiceId.For(IsDatagram ? PortSpace.Udp : PortSpace.Tcp, port);

    /// <summary>As Linux derives it from the ports: both sides send the connection's packets with it.</summary>
    private static uint FlowLabelOf(ushort source, ushort destination) => (source * 31u + destination) & 0xF_FFFF;

    #endregion

    #region Lifetime and events

    /// <summary>Makes this the id of a request that has just come.</summary>
    public void BecomeRequest(CmId listeningId, CmLink newLink, IpEndpoint local, IpEndpoint remote, in AddressVector way)
    {
        (State, listener, link, Local, Remote, path, service) = (CmIdState.Request, listeningId, newLink, local, remote, way, newLink.Request.ServiceId);
        listeningId.Unanswered++;
        isUnanswered = true;
    }

    private void Answered()
    {
        if (!isUnanswered) return;
        isUnanswered = false;
        listener!.Unanswered--;
    }

    public void Destroy()
    {
        if (State == CmIdState.Destroyed) return;
        resolveTimer?.Cancel();
        Answered();
        if (holdsPort) manager.Unbind(this);
        if (heldService is { } held) manager.Unbind(held);
        State = CmIdState.Destroyed;
        QueuePair?.Destroy();
        QueuePair = null;
        if (link is not null)
        {
            link.Id = null;
            link.Connection.Destroy(Now);
            link.Settle();
        }
        manager.IdDestroyed();
        ReleaseLane();
    }

    private void ReleaseLane()
    {
        if (lane is null || waitingEvents > 0) return;
        manager.Executor.ReleaseLane(lane);
        lane = null;
    }

    private void Post(CmEventType type, int status = 0)
    {
        var item = manager.Rent();
        (item.Type, item.Status) = (type, status);
        Post(item);
    }

    private void Post(CmEventItem item)
    {
        item.Id = this;
        waitingEvents++;
        lane ??= manager.NewLane();
        lane.Post(item);
    }

    /// <summary>Hands an event over. Called from the lane.</summary>
    public void Deliver(CmEventItem item)
    {
        waitingEvents--;
        if (State != CmIdState.Destroyed)
        {
            // Nobody will take a request whose listener has gone before its event was seen.
            if (item.Listener is { State: CmIdState.Destroyed }) Destroy();
            else Handler.OnCmEvent(item.ToEvent());
        }
        if (State == CmIdState.Destroyed) ReleaseLane();
        else if (item.Type == CmEventType.ConnectRequest && isUnanswered && !IsDatagram && link!.Connection.State == CmState.ReqReceived)
            link.Connection.Mra(CmLimits.MraTimeout, onlyWhenRepeated: true, Now); // from now on it is the consumer who takes long
    }

    #endregion
}
