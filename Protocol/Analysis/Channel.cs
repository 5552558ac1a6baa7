namespace Weft.Protocol.Analysis;

/// <summary>One direction of a connection: the packets from one address to one queue pair of another.</summary>
public sealed class Channel
{
    internal Channel(Conversation conversation, Gid source, Gid destination, Qpn queuePair)
    {
        Conversation = conversation;
        Source = source;
        Destination = destination;
        QueuePair = queuePair;
        Requests = new(this);
    }

    public Conversation Conversation { get; internal set; }
    public Gid Source { get; }
    public Gid Destination { get; }
    /// <summary>The destination's.</summary>
    public Qpn QueuePair { get; }
    /// <summary>The other direction, once it is known which it is.</summary>
    public Channel? Reverse => Conversation.Other(this);
    /// <summary>From the side that asked for the connection; without a CM exchange, from the side that was seen first.</summary>
    public bool IsForward => Conversation.Forward == this;

    internal RequestStream Requests { get; }

    public override string ToString() => $"{Source} > {Destination} QP {QueuePair}";
}
