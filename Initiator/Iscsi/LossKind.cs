namespace Weft.Initiator.Iscsi;

/// <summary>Why a connection ended, or was never made.</summary>
internal enum LossKind : byte
{
    /// <summary>No address, no route, no listener, refused by the CM.</summary>
    ConnectFailed,
    LoginTimeout,
    /// <summary>Login Response with a status class that is not 0.</summary>
    LoginRefused,
    /// <summary>The login text broke a rule, or what we need was not agreed.</summary>
    NegotiationFailed,
    PeerDisconnected,
    PingTimeout,
    LogoutTimeout,
    /// <summary>The target broke the protocol: at ErrorRecoveryLevel 0 the end of the connection.</summary>
    ProtocolError,
    /// <summary>The QP went to error: retries exceeded, access fault, and so on.</summary>
    TransportError,
    DeviceRemoved,
    /// <summary>A Logout Response came.</summary>
    LoggedOut,
    /// <summary>We ended it: error handling, parameter negotiation asked for, end of the session.</summary>
    Dropped,
}
