namespace Weft.Protocol.Mad.Sa;

/// <summary>Where a multi-packet transfer is.</summary>
public enum RmppState : byte
{
    Active,
    Done,
    /// <summary>Ended early; <c>Status</c> says why.</summary>
    Failed,
}
