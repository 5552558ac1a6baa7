namespace Weft.Fabric.Verbs;

/// <summary>Asynchronous event types. Numbers of libibverbs (enum ibv_event_type). IBA Vol 1 §11.6.3.</summary>
public enum AsyncEventType : byte
{
    CqError = 0,
    QpFatal = 1,
    QpRequestError = 2,
    QpAccessError = 3,
    CommunicationEstablished = 4,
    SendQueueDrained = 5,
    PathMigrated = 6,
    PathMigrationError = 7,
    DeviceFatal = 8,
    PortActive = 9,
    PortError = 10,
    LidChange = 11,
    PKeyChange = 12,
    SubnetManagerChange = 13,
    SrqError = 14,
    SrqLimitReached = 15,
    LastWqeReached = 16,
    ClientReregister = 17,
    GidChange = 18,
}

/// <summary>An asynchronous event and the object that it concerns (one of QP, CQ, SRQ; none for port and device events).</summary>
public readonly record struct AsyncEvent(
    AsyncEventType Type, IQueuePair? QueuePair = null, ICompletionQueue? CompletionQueue = null, ISharedReceiveQueue? SharedReceiveQueue = null,
    byte PortNumber = 0);

/// <summary>Receives a device's asynchronous events, on the node's executor and never from inside a verb call.</summary>
public interface IAsyncEventHandler
{
    void OnAsyncEvent(in AsyncEvent asyncEvent);
}
