using Weft.Protocol.Iscsi;

namespace Weft.Target.Sessions;

/// <summary>
/// A PDU in the transport's receive buffer. Unless it is held, the buffer goes back to the transport when its handling returns.
/// </summary>
public abstract class ReceivedPdu
{
    public Bhs Bhs { get; protected set; }
    /// <summary>Additional header segments.</summary>
    public abstract ReadOnlySpan<byte> Ahs { get; }
    public abstract Memory<byte> Data { get; }

    internal bool IsHeld;
    /// <summary>Carries a command number that the window counts.</summary>
    internal bool IsNumbered;
    /// <summary>Aborted before it was looked at.</summary>
    internal bool IsAborted;
    /// <summary>Where the data lie in the command's data-out.</summary>
    internal int BufferOffset;
    /// <summary>Next in whichever list holds it.</summary>
    internal ReceivedPdu? Next;
}
