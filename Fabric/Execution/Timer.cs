namespace Weft.Fabric.Execution;

/// <summary>
/// A one-shot timer of a node. Re-arming is cheap and allocates nothing: an armed timer only remembers its new deadline.
/// </summary>
public abstract class Timer
{
    /// <summary>When it fires, or <see cref="Instant.Never"/> when it is not armed.</summary>
    public Instant Deadline { get; protected set; } = Instant.Never;
    public bool IsArmed => !Deadline.IsNever;
    public string Name { get; }
    private readonly Action onFired;

    protected Timer(string name, Action onFired) => (Name, this.onFired) = (name, onFired);

    /// <summary>Arms, or moves, the timer. <see cref="Instant.Never"/> cancels.</summary>
    public abstract void Arm(Instant deadline);
    public void Cancel() => Arm(Instant.Never);

    /// <summary>For the executor: disarms, then calls back.</summary>
    protected void Fire()
    {
        Deadline = Instant.Never;
        onFired();
    }
}
