namespace Weft.Initiator;

/// <summary>A session operation (task management, logout) could not be done.</summary>
public sealed class SessionException(string message) : InitiatorException(message);
