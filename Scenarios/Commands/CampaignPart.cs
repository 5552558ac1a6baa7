using Weft.Fabric.Sim.Explore;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Commands;

/// <summary>What a campaign over several scenarios does with one of them, by one strategy.</summary>
internal sealed class CampaignPart(Scenario scenario, Settings settings, string strategy, Budget budget)
{
    public Scenario Scenario => scenario;
    public Settings Settings => settings;
    public string Strategy => strategy;
    public Budget Budget => budget;
    /// <summary>Null until it is over.</summary>
    public ExplorationReport? Report { get; set; }
    public double Seconds { get; set; }
    /// <summary>Which courses were seen, and how often each.</summary>
    public IReadOnlyDictionary<string, long> Courses { get; set; } = new Dictionary<string, long>();
    /// <summary>What its failure left, if it failed.</summary>
    public FailureFiles? Left { get; set; }
    public ExplorationFailure? Failure => Report is { Failures: [var first, ..] } ? first : null;
}
