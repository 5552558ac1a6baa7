namespace Weft.Initiator;

/// <summary>A login or discovery did not succeed.</summary>
/// <param name="reason">What kind of failure it was.</param>
/// <param name="status">Login Response status (class and detail) when the target gave one, otherwise 0.</param>
public sealed class LoginException(LoginFailure reason, ushort status, string message) : InitiatorException(message)
{
    public LoginFailure Reason { get; } = reason;
    public ushort Status { get; } = status;
}
