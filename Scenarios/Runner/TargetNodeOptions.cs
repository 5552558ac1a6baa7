using Weft.Protocol.Iscsi.Text;
using Weft.Target.Luns;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Runner;

/// <summary>What a target node is made with.</summary>
public sealed record TargetNodeOptions
{
    public int Luns { get; init; } = 1;
    public ulong Blocks { get; init; } = 1 << 17;
    public int BlockLength { get; init; } = 512;
    /// <summary>When the back end answers; inline by default, in an order of its own where the scenario explores that.</summary>
    public StoreTiming Timing { get; init; } = StoreTiming.Inline;
    public SimHostOptions Host { get; init; } = new();
    public HostLimits Limits { get; init; } = new();
    public KeyPolicy Policy { get; init; } = KeyPolicy.RdmaOnlyTarget();
}
