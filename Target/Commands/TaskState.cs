namespace Weft.Target.Commands;

/// <summary>Where a command is. The edges are in <see cref="TaskStates"/>.</summary>
public enum TaskState : byte
{
    /// <summary>Belongs to the front end; not in any task set.</summary>
    Idle,
    /// <summary>In the task set, waiting for others by task attribute.</summary>
    Dormant,
    /// <summary>The core is working on it right now.</summary>
    Enabled,
    /// <summary>Waiting for the front end to have a buffer.</summary>
    AwaitBuffer,
    /// <summary>The front end is fetching data-out.</summary>
    DataOut,
    /// <summary>The front end is sending data-in.</summary>
    DataIn,
    /// <summary>The back end is working on it.</summary>
    Store,
    /// <summary>Aborted; the front end has not yet stopped moving its data.</summary>
    StopPort,
    /// <summary>Aborted; the back end has not yet answered.</summary>
    StopStore,
}
