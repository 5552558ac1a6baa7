using Timer = Weft.Fabric.Execution.Timer;

namespace Weft.Fabric.Hw;

/// <summary>
/// A timer in the loop's heap. Moving the deadline later leaves its heap entry where it is; the entry is put back when it surfaces.
/// </summary>
internal sealed class HwTimer(HwExecutor executor, string name, Action onFired) : Timer(name, onFired)
{
    /// <summary>When its heap entry comes up, or never when it has none.</summary>
    public Instant Queued { get; set; } = Instant.Never;

    public override void Arm(Instant deadline)
    {
        Deadline = deadline;
        if (deadline < Queued) executor.Enqueue(this, deadline);
    }

    public void Expire() => Fire();
}
