namespace Weft.Protocol.Cm;

/// <summary>States of one end of a connection, or of one datagram service resolution. IBA Vol 1 §12.9.6, §12.9.7, §12.9.8.</summary>
public enum CmState : byte
{
    Idle,
    /// <summary>Active: REQ sent, nothing heard.</summary>
    ReqSent,
    /// <summary>Active: the peer said with an MRA that its answer takes longer.</summary>
    MraReqReceived,
    /// <summary>Active: REP received, RTU not yet sent.</summary>
    RepReceived,
    /// <summary>Active: a repeated REP is answered with an MRA until the RTU is sent.</summary>
    MraRepSent,
    /// <summary>Passive: REQ received, the consumer has not answered.</summary>
    ReqReceived,
    /// <summary>Passive: a repeated REQ is answered with an MRA until the consumer answers.</summary>
    MraReqSent,
    /// <summary>Passive: REP sent, RTU not yet received.</summary>
    RepSent,
    /// <summary>Passive: the peer said with an MRA that its RTU takes longer.</summary>
    MraRepReceived,
    Established,
    DreqSent,
    /// <summary>The peer asked to disconnect, the consumer has not answered.</summary>
    DreqReceived,
    /// <summary>Packets of the connection may still be under way; the QPN must not be used again yet.</summary>
    TimeWait,
    SidrReqSent,
    SidrReqReceived,
    /// <summary>SIDR REP sent; kept to answer a repeated request alike.</summary>
    SidrAnswered,
    /// <summary>Over. (IDLE of the specification; one object is one connection.)</summary>
    Closed,
}
