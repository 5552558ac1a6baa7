using Weft.Protocol.Iscsi;
using Weft.Protocol.Scsi;
using Weft.Target.Commands;

namespace Weft.Target.Sessions;

/// <summary>
/// What one request of an initiator needs until its answer is on the wire: a SCSI command, or the context of a task management, text,
/// NOP or logout request. Pooled per connection; each has a response buffer of its own, so that an answer never waits for one.
/// </summary>
public abstract class IscsiTask : ScsiTask
{
    /// <summary>Where the answer's data segment is written; of the length that the connection may send.</summary>
    public abstract Span<byte> ResponseData { get; }

    /// <summary>The request's header.</summary>
    public Bhs Header { get; internal set; }
    /// <summary>In the command core now.</summary>
    internal bool InCore;
    /// <summary>Its command number takes a place in the window.</summary>
    internal bool HoldsWindow;
    internal bool IsImmediate;
    /// <summary>The answer ends the connection when it has been sent.</summary>
    internal bool ClosesConnection;
    internal CloseReason ClosesWith;

    // Unsolicited data-out: immediate data and Data-Out PDUs, in the receive buffers in which they came.
    internal PduQueue Unsolicited;
    internal int UnsolicitedLength;
    /// <summary>More Data-Out PDUs are due: the last had no F bit.</summary>
    internal bool BurstIsOpen;
    internal uint NextDataSn;
    /// <summary>Ended, but answered only when the burst is complete.</summary>
    internal bool FinishIsDue;

    // The move that the core asked for.
    internal DataBuffer? MoveBuffer;
    internal long MoveOffset;
    internal int MoveLength;
    internal bool WaitsForBurst;

    /// <summary>The transport has nothing of the task any more. A context that is given back too early is our own fault.</summary>
    protected internal virtual bool IsQuiet => true;

    internal TaskManagementRequest? Management;
    internal IscsiTask? NextFree;

    internal void Begin(in Bhs header, bool numbered)
    {
        Header = header;
        (HoldsWindow, IsImmediate, ClosesConnection, ClosesWith) = (numbered, header.Immediate, false, CloseReason.None);
        (UnsolicitedLength, BurstIsOpen, NextDataSn, FinishIsDue) = (0, false, 0, false);
        (MoveBuffer, MoveOffset, MoveLength, WaitsForBurst) = (null, 0, 0, false);
    }

    internal static Lun LunOf(in Bhs header) => new(header.U64(8));
}
