namespace Weft.Fabric.Verbs;

/// <summary>Why a verb was refused. A refused verb has changed nothing. IBA Vol 1 §11.7.</summary>
public enum VerbsErrorCode : byte
{
    InvalidState,
    InvalidAttribute,
    QueueFull,
    TooManySges,
    MessageTooLong,
    NotFound,
    OutOfResources,
    Busy,
    AddressInUse,
    Unreachable,
    NotSupported,
}

/// <summary>The caller's mistake, or the device's refusal, as a value; <c>null</c> where a verb succeeds.</summary>
public sealed record VerbsError(VerbsErrorCode Code, string Detail)
{
    public override string ToString() => $"{Code}: {Detail}";
}

/// <summary>Thrown by verbs that return an object when they are refused.</summary>
public sealed class VerbsException(VerbsError error) : Exception(error.ToString())
{
    public VerbsError Error { get; } = error;
}
