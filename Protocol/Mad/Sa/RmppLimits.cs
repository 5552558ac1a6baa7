namespace Weft.Protocol.Mad.Sa;

/// <summary>Bounds of a multi-packet transfer.</summary>
public sealed record RmppLimits
{
    public static readonly RmppLimits Default = new();

    /// <summary>Segments that the receiver lets be under way; also the bound of what a sender believes.</summary>
    public int Window { get; init; } = 64;
    /// <summary>Most bytes of records that a receiver takes before it aborts with <see cref="RmppStatus.ResourcesExhausted"/>.</summary>
    public int MaxLength { get; init; } = 16 << 20;
    /// <summary>How long a sender waits for an acknowledgement before it sends again.</summary>
    public Duration ResponseTimeout { get; init; } = Duration.FromMilliseconds(500);
    /// <summary>Resendings without progress before the sender gives up with <see cref="RmppStatus.TooManyRetries"/>.</summary>
    public int MaxRetries { get; init; } = 7;
    /// <summary>How long a receiver waits for the next segment before it gives up with <see cref="RmppStatus.TotalTimeTooLong"/>.</summary>
    public Duration ReceiveTimeout { get; init; } = Duration.FromSeconds(8);
}
