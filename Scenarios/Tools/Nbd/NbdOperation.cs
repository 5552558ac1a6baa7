using Weft.Protocol.Nbd;

namespace Weft.Scenarios.Tools.Nbd;

/// <summary>A request under way at the target, as far as it has come.</summary>
internal sealed class NbdOperation
{
    public NbdJob? Job { get; set; }
    /// <summary>First byte that no command has been sent for.</summary>
    public ulong Next { get; set; }
    public ulong End { get; private set; }
    public ulong Left => End - Next;
    /// <summary>Commands sent and not ended.</summary>
    public int Running { get; set; }
    public bool NeedsFlush { get; set; }
    /// <summary>The first that a command met; no further ones are sent after it.</summary>
    public NbdError Error { get; set; }

    public void Begin(NbdJob job, bool needsFlush)
    {
        (Job, Next, End) = (job, job.Request.Offset, job.Request.Offset + job.Request.Length);
        (Running, NeedsFlush, Error) = (0, needsFlush, NbdError.None);
    }
}
