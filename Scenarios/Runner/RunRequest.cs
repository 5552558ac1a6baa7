using Weft.Fabric.Execution;
using Weft.Fabric.Sim;

namespace Weft.Scenarios.Runner;

/// <summary>How one run of a scenario is to be made.</summary>
public sealed record RunRequest
{
    public required Settings Settings { get; init; }
    public ulong Seed { get; init; } = 1;
    /// <summary>Decides the open kinds; none: the seed does.</summary>
    public IChooser? Chooser { get; init; }
    /// <summary>Kinds that are open, instead of those that the scenario opens.</summary>
    public ChoiceKinds? Open { get; init; }
    /// <summary>Where the capture goes; none: none is made.</summary>
    public Stream? Capture { get; init; }
    /// <summary>Host whose ports are captured; none: the first target, or the first host.</summary>
    public string? CaptureAt { get; init; }
    /// <summary>Buffers shared with the runs before and after.</summary>
    public WorldResources? Resources { get; init; }
    /// <summary>Whether the rules of the wire are checked at the host that is captured; only a measurement has a reason to leave them out.</summary>
    public bool ChecksWire { get; init; } = true;
    /// <summary>A further watcher.</summary>
    public IWorldObserver? Observer { get; init; }
    /// <summary>Given the world before the run begins.</summary>
    public Action<World>? Attach { get; init; }
    /// <summary>The software under test.</summary>
    public ScenarioParts Parts { get; init; } = ScenarioParts.Product;
    /// <summary>Gets the courses that the run took; see <see cref="ScenarioWorld.Saw"/>.</summary>
    public List<string>? Courses { get; init; }
}
