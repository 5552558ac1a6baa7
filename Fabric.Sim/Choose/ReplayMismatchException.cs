namespace Weft.Fabric.Sim.Choose;

/// <summary>A recorded list of choices does not fit the run any more: the scenario, its settings or the code have changed.</summary>
public sealed class ReplayMismatchException(int index, string message) : ClaimException("replay-mismatch", message)
{
    /// <summary>Number of the choice, from 0.</summary>
    public int Index { get; } = index;
}
