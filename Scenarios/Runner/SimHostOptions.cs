using Weft.Fabric.Engine;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Runner;

/// <summary>What a simulated host is made with.</summary>
public sealed record SimHostOptions
{
    /// <summary>Ports of its device, each on a cable of its own; 1 to 4.</summary>
    public int Ports { get; init; } = 1;
    /// <summary>How many QP numbers its device draws from; 0: all 16 million. With one, a number is used again as soon as that is allowed.</summary>
    public int QpNumbers { get; init; }
    /// <summary>Bounds and freedoms of its transport engine.</summary>
    public EngineLimits Engine { get; init; } = new();
    /// <summary>What stands between the device and the software, e.g. a fault.</summary>
    public Func<IRdmaDevice, IRdmaDevice>? Wrap { get; init; }
}
