namespace Weft.Fabric.Verbs;

/// <summary>Transport service of a queue pair.</summary>
public enum QpType : byte
{
    ReliableConnected,
    UnreliableConnected,
    UnreliableDatagram,
}

/// <summary>States of a queue pair. Numbers of libibverbs (enum ibv_qp_state). IBA Vol 1 §10.3.1.</summary>
public enum QpState : byte
{
    Reset = 0,
    Init = 1,
    ReadyToReceive = 2,
    ReadyToSend = 3,
    SendQueueDrained = 4,
    SendQueueError = 5,
    Error = 6,
}
