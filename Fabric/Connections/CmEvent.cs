namespace Weft.Fabric.Connections;

/// <summary>Events of a CM id. Numbers of librdmacm (enum rdma_cm_event_type).</summary>
public enum CmEventType : byte
{
    AddressResolved = 0,
    AddressError = 1,
    RouteResolved = 2,
    RouteError = 3,
    ConnectRequest = 4,
    ConnectResponse = 5,
    ConnectError = 6,
    Unreachable = 7,
    Rejected = 8,
    Established = 9,
    Disconnected = 10,
    DeviceRemoval = 11,
    MulticastJoin = 12,
    MulticastError = 13,
    AddressChange = 14,
    TimewaitExit = 15,
}

/// <summary>An event of a CM id.</summary>
/// <param name="Id">The id that it concerns; for ConnectRequest the new one.</param>
/// <param name="Listener">ConnectRequest: the listening id.</param>
/// <param name="Status">Rejected: the reason of the REJ; errors: a negative errno as librdmacm gives it (-110 timed out, -113 no route).</param>
/// <param name="PrivateData">The consumer's area of the message, at its full size, zero padded as on Linux. Valid only during the call.</param>
/// <param name="Parameters">ConnectRequest, ConnectResponse and Established: what the peer asked for or answered.</param>
/// <param name="DatagramQpn">UD port space, Established: the peer's QPN.</param>
/// <param name="DatagramQKey">UD port space, Established: the peer's Q_Key.</param>
public readonly record struct CmEvent(
    CmEventType Type, ICmId Id, ICmId? Listener = null, int Status = 0, ReadOnlyMemory<byte> PrivateData = default, ConnectionParameters? Parameters = null,
    Qpn DatagramQpn = default, QKey DatagramQKey = default);

/// <summary>Receives the events of a CM id, on the node's executor and never from inside a call.</summary>
public interface ICmEventHandler
{
    void OnCmEvent(in CmEvent cmEvent);
}
