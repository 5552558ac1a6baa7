namespace Weft.Target.Sessions;

/// <summary>Why a connection came to its end: the first reason counts.</summary>
public enum CloseReason : byte
{
    None,
    /// <summary>Logged out.</summary>
    Logout,
    /// <summary>The login was refused.</summary>
    LoginRefused,
    LoginTimeout,
    /// <summary>The peer broke a rule that error recovery level 0 answers by dropping the connection.</summary>
    ProtocolError,
    /// <summary>The peer disconnected.</summary>
    PeerDisconnected,
    /// <summary>A send, RDMA or receive failed.</summary>
    TransportError,
    /// <summary>A verb was refused.</summary>
    VerbsError,
    /// <summary>The connection never came up.</summary>
    NotEstablished,
    /// <summary>No answer to a ping.</summary>
    PingTimeout,
    /// <summary>Unsolicited data did not come.</summary>
    DataTimeout,
    /// <summary>The initiator logged in again under the same name and ISID.</summary>
    Reinstated,
    /// <summary>TARGET COLD RESET.</summary>
    ColdReset,
    /// <summary>An operator closed it, or the host stopped.</summary>
    Administrative,
    DeviceRemoved,
}
