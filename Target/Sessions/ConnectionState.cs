namespace Weft.Target.Sessions;

/// <summary>Where a connection of the target stands.</summary>
public enum ConnectionState : byte
{
    /// <summary>The request is answered; what arrives is kept until the connection is established.</summary>
    Accepted,
    /// <summary>Established; only login requests are expected.</summary>
    Login,
    FullFeature,
    /// <summary>A logout was asked for: nothing new is taken; its response goes out last.</summary>
    LoggingOut,
    /// <summary>Being disconnected: queues drain, commands come back.</summary>
    Closing,
    /// <summary>Nothing of it is left.</summary>
    Closed,
}
