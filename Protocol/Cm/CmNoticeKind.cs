namespace Weft.Protocol.Cm;

/// <summary>What a connection tells its owner.</summary>
public enum CmNoticeKind : byte
{
    None,
    ReqReceived,
    RepReceived,
    /// <summary>Passive: by an RTU, or by data that came before it.</summary>
    Established,
    /// <summary>REJ before the connection was established.</summary>
    Rejected,
    /// <summary>REQ never answered.</summary>
    RequestError,
    /// <summary>REP never answered.</summary>
    ReplyError,
    /// <summary>DREQ received: to be answered with <see cref="CmConnection.Disconnect"/>.</summary>
    PeerDisconnected,
    /// <summary>The connection has ended, nothing is left to answer.</summary>
    Disconnected,
    /// <summary>The connection has ended, and the DREQ was never answered.</summary>
    DisconnectError,
    TimeWaitExit,
    SidrReqReceived,
    SidrRepReceived,
    /// <summary>SIDR REQ never answered.</summary>
    SidrError,
}
