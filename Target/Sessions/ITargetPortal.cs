namespace Weft.Target.Sessions;

/// <summary>An address on which a host listens, over some transport.</summary>
public interface ITargetPortal
{
    /// <summary>Address as text without brackets; null for a wildcard.</summary>
    string? Host { get; }
    ushort Port { get; }
    bool IsListening { get; }

    /// <summary>Takes no further connections; those that exist go on.</summary>
    void StopListening();

    /// <summary>Gives everything back; no connection of the portal is left.</summary>
    void Release();
}
