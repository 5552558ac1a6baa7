namespace Weft.Initiator.Iscsi;

/// <summary>What follows a login attempt that failed.</summary>
internal enum LoginAction : byte
{
    Retry,
    GiveUp,
    /// <summary>Try at the address given, at once; fall back to the configured one if that fails.</summary>
    RedirectOnce,
    /// <summary>The address given is the target's from now on.</summary>
    RedirectForGood,
}
