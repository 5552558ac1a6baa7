using Weft.Fabric.Sim;

namespace Weft.Scenarios.Runner;

/// <summary>
/// A claim about the stack, and the steps that put it to the test. The same steps run on the simulator and, where nothing needs
/// virtual time or a chosen order, on a live wire.
/// </summary>
public abstract class Scenario
{
    /// <summary>How it is called on the command line and in choice logs; stable.</summary>
    public abstract string Name { get; }
    /// <summary>What is claimed, in one sentence.</summary>
    public abstract string Claim { get; }
    /// <summary>Where the claim comes from: the bug that broke it, or the section that promises it.</summary>
    public abstract string Source { get; }
    public virtual IReadOnlyList<Setting> Settings => [];

    /// <summary>About how many runs of a plain login one run takes as long as: a campaign over the catalogue makes so many fewer of them.</summary>
    public virtual int Weight => 1;

    /// <summary>Why it runs on the simulator only; null: it runs on real links too.</summary>
    public virtual string? NotLive => "it chooses the order and the moment of events";

    /// <summary>Name of the host whose ports a capture shows.</summary>
    public virtual string CaptureAt => "target";

    /// <summary>Which order of events is left open, and which kinds of choice exploration decides.</summary>
    public virtual OrderOptions Order(Settings settings) => OrderOptions.Natural;

    /// <summary>The steps. Returning means that the claim held; <see cref="ScenarioWorld.Claim"/> says where it did not.</summary>
    public abstract Task RunAsync(ScenarioWorld world);
}
