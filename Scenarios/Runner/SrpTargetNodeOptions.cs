using Weft.Target.Luns;
using Weft.Target.Srp;

namespace Weft.Scenarios.Runner;

/// <summary>What an SRP target node is made with.</summary>
public sealed record SrpTargetNodeOptions
{
    public int Luns { get; init; } = 1;
    public ulong Blocks { get; init; } = 1 << 17;
    /// <summary>When the back end answers; inline by default, in an order of its own where the scenario explores that.</summary>
    public StoreTiming Timing { get; init; } = StoreTiming.Inline;
    public SimHostOptions Host { get; init; } = new();
    /// <summary>Short rings: a run of a small scenario would otherwise spend its time on clearing them.</summary>
    public SrpTargetOptions Target { get; init; } = new() { QueueDepth = 16, SrqSize = 64 };
    /// <summary>Off: the scenario starts the target itself, step by step.</summary>
    public bool IsStarted { get; init; } = true;
}
