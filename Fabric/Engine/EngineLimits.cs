using Weft.Fabric.Execution;

namespace Weft.Fabric.Engine;

/// <summary>Bounds of the transport engine, per QP unless said otherwise.</summary>
public sealed record EngineLimits
{
    /// <summary>Request packets sent and not yet acknowledged.</summary>
    public int UnackedWindow { get; init; } = 256;

    /// <summary>Packets between acknowledge requests inside a long message.</summary>
    public int AckRequestInterval { get; init; } = 32;

    /// <summary>Packets that ask for an acknowledgement and may share one; 1 answers each at once.</summary>
    public int AckCoalescing { get; init; } = 1;

    /// <summary>How long a shared acknowledgement may wait for company.</summary>
    public Duration AckDelay { get; init; } = Duration.Zero;

    /// <summary>Response packets that one READ request asks for; a longer READ becomes several requests.</summary>
    public int ReadFlight { get; init; } = 4096;

    /// <summary>READ response packets that a responder sends before it gives way to other work.</summary>
    public int ReadResponseBurst { get; init; } = 32;

    /// <summary>
    /// The newest completion may show itself between a look at its queue and the arming of it, as on hardware, which writes it at any
    /// moment: then nobody tells of it. Whether it does is a choice of kind <see cref="ChoiceKind.Dispatch"/>.
    /// </summary>
    public bool LateCompletions { get; init; }

    /// <summary>How long a responder waits when the port says that its wire has no room.</summary>
    public Duration PacingDelay { get; init; } = Duration.FromMicroseconds(5);
}
