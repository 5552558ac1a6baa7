namespace Weft.Protocol.Cm;

/// <summary>What can happen to a connection: calls of the consumer, messages of the peer, its timer.</summary>
public enum CmInput : byte
{
    Connect,
    /// <summary>Answer REQ with REP.</summary>
    Accept,
    /// <summary>Answer REP with RTU.</summary>
    Ready,
    /// <summary>Have an MRA ready for the case that the message is repeated.</summary>
    PrepareMra,
    SendMra,
    Reject,
    /// <summary>The QP received data: the peer must have got the REP. IBA Vol 1 §12.9.7.2 (communication established).</summary>
    CommEst,
    /// <summary>Send DREQ, or answer one.</summary>
    Disconnect,
    Destroy,
    ConnectSidr,
    AnswerSidr,

    Req,
    MraReq,
    MraRep,
    /// <summary>REJ with any reason but 10.</summary>
    Rej,
    /// <summary>REJ with reason 10, stale connection.</summary>
    RejStale,
    Rep,
    Rtu,
    Dreq,
    Drep,
    Lap,
    SidrReq,
    SidrRep,

    /// <summary>The timer fired with retries left.</summary>
    Retransmit,
    /// <summary>The timer fired and no retry is left.</summary>
    GiveUp,
    TimeWaitEnd,
}
