namespace Weft.Initiator.Recovery;

/// <summary>What to do with a command that has ended.</summary>
internal enum RetryDecision : byte
{
    Finish,
    /// <summary>Send it again, before commands that came later.</summary>
    Again,
    /// <summary>Send it again after a pause.</summary>
    Later,
}
