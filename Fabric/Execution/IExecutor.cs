namespace Weft.Fabric.Execution;

/// <summary>
/// Runs all code of one node, one thing at a time, to completion. In simulation one thread drives every node of a world;
/// on hardware each device has one poll thread. Nothing in Target, Initiator or the engine needs a lock.
/// </summary>
public interface IExecutor
{
    /// <summary>Name of the node, as it appears in choices, traces and captures.</summary>
    string Name { get; }
    Instant Now { get; }
    IChooser Chooser { get; }

    /// <summary>Creates a lane. Lanes live as long as the node; <see cref="ReleaseLane"/> gives one back for reuse.</summary>
    ILane CreateLane(string name, ChoiceKind kind);

    /// <summary>Gives an empty lane back.</summary>
    void ReleaseLane(ILane lane);

    /// <summary>Creates a timer that calls <paramref name="onFired"/> on this executor.</summary>
    Timer CreateTimer(string name, Action onFired);

    /// <summary>Timers that are armed now: at the end of a scenario there must be none.</summary>
    IEnumerable<Timer> ArmedTimers { get; }
}
