namespace Weft.Fabric.Sim;

/// <summary>Why a frame did not arrive.</summary>
public enum DropReason : byte
{
    LinkDown,
    /// <summary>The direction is cut while the link looks up.</summary>
    Cut,
    Loss,
    /// <summary>A planned fault took this very frame.</summary>
    Fault,
    QueueFull,
    /// <summary>InfiniBand: no credits came while the frame was at the head of its lane.</summary>
    HeadOfQueue,
    /// <summary>Longer than the link's MTU.</summary>
    TooLong,
    /// <summary>The receiving node is dead, or nothing is attached to the port.</summary>
    NoReceiver,
    /// <summary>A switch had nowhere to send it: it came in by the port that it would leave by, or is too short to have addresses.</summary>
    NotForwarded,
}
