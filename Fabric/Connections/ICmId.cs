using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Connections;

/// <summary>
/// A communication identifier: one end of a connection, or a listener (struct rdma_cm_id). Its events come in a lane of its own, in order.
/// </summary>
public interface ICmId
{
    PortSpace PortSpace { get; }
    IRdmaDevice Device { get; }
    IpEndpoint Local { get; }
    IpEndpoint Remote { get; }
    object? Context { get; set; }
    IQueuePair? QueuePair { get; }
    /// <summary>The way to the peer: for address handles of datagrams. Meaningful once the route is resolved, or a request has come.</summary>
    AddressVector Path { get; }
    ICmEventHandler Handler { get; set; }

    VerbsError? Bind(IpEndpoint local);

    /// <summary>Listens on the bound endpoint. Requests beyond <paramref name="backlog"/> unanswered ones are dropped; the peer retries.</summary>
    VerbsError? Listen(int backlog);

    /// <summary>Port space InfiniBand: listens on a service of the IB CM. Private data is the consumer's alone: REQ 92 bytes.</summary>
    VerbsError? Listen(ServiceId service, int backlog);

    /// <summary>
    /// Port space InfiniBand: the path is known (from the SA, or a login string) and leads to this service of the peer. Stands for address
    /// and route resolution: no event follows, and Connect is next.
    /// </summary>
    VerbsError? UsePath(in ConnectionPath route, ServiceId service);

    /// <summary>Finds the way to a peer (ARP or neighbour discovery); AddressResolved or AddressError follows.</summary>
    VerbsError? ResolveAddress(IpEndpoint remote, Duration timeout);

    /// <summary>On InfiniBand asks for the path to the peer. RouteResolved or RouteError follows.</summary>
    VerbsError? ResolveRoute(Duration timeout);

    /// <summary>Creates the QP of this id and moves it to INIT, so that receives can be posted before connecting.</summary>
    VerbsError? CreateQueuePair(IProtectionDomain pd, QpInit init);

    /// <summary>Sends the REQ. Established, Rejected, Unreachable or ConnectError follows. On Established the QP is in RTS.</summary>
    VerbsError? Connect(ConnectionParameters parameters);

    /// <summary>
    /// Answers a ConnectRequest: the QP goes to RTS, then the REP leaves. Established follows when the RTU comes (or the QP reported
    /// communication established and <see cref="NotifyCommunicationEstablished"/> was called); receives may complete before it.
    /// Unreachable follows when it never comes.
    /// </summary>
    VerbsError? Accept(ConnectionParameters parameters);

    /// <summary>Refuses a ConnectRequest with reason 28 (consumer defined) and private data.</summary>
    VerbsError? Reject(ReadOnlySpan<byte> privateData);

    /// <summary>Sends a DREQ, or answers one; the QP goes to ERROR and flushes. Disconnected and TimewaitExit follow.</summary>
    VerbsError? Disconnect();

    /// <summary>Tells the CM that the QP has received data although no RTU came (rdma_notify with COMM_EST).</summary>
    VerbsError? NotifyCommunicationEstablished();

    /// <summary>
    /// Frees the id in any state, without further events; its QP must be destroyed first or is destroyed with it. What the peer must
    /// be told (REJ, DREQ) is sent; a QPN in TIMEWAIT stays reserved until its time is over.
    /// </summary>
    void Destroy();
}
