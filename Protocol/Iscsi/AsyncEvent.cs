namespace Weft.Protocol.Iscsi;

/// <summary>RFC 7143 §11.9.1.</summary>
public enum AsyncEvent : byte
{
    ScsiEvent = 0,
    /// <summary>Log out within Parameter3 seconds.</summary>
    LogoutRequested = 1,
    /// <summary>The target will drop connection Parameter1; wait Parameter2, retain Parameter3 seconds.</summary>
    ConnectionWillDrop = 2,
    /// <summary>The target will drop all connections of the session.</summary>
    SessionWillDrop = 3,
    /// <summary>Negotiate parameters again within Parameter3 seconds.</summary>
    NegotiationRequested = 4,
    /// <summary>All active tasks of the logical unit are being terminated.</summary>
    TasksTerminated = 5,
    Vendor = 255,
}
