namespace Weft.Initiator.Recovery;

/// <summary>Where error handling stands.</summary>
internal enum EscalationStep : byte
{
    Idle,
    Abort,
    LunReset,
    TargetReset,
}
