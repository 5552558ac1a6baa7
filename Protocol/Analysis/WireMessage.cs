namespace Weft.Protocol.Analysis;

/// <summary>A whole SEND, joined from its packets; each is told once, in the order in which the receiver takes them.</summary>
public readonly ref struct WireMessage
{
    public required Channel Channel { get; init; }
    /// <summary>Number of the frame of its first packet.</summary>
    public required int FirstFrame { get; init; }
    public required Psn FirstPsn { get; init; }
    /// <summary>Valid until the listener returns.</summary>
    public required ReadOnlySpan<byte> Data { get; init; }
    /// <summary>The key that a SEND with Invalidate makes invalid.</summary>
    public required RKey? Invalidated { get; init; }

    public Conversation Conversation => Channel.Conversation;
}
