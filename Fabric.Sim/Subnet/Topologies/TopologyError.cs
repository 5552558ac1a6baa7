namespace Weft.Fabric.Sim.Subnet.Topologies;

/// <summary>What is wrong with a topology file.</summary>
/// <param name="Line">Line, the first one is 1.</param>
public sealed record TopologyError(int Line, string Message)
{
    public override string ToString() => $"line {Line}: {Message}";
}
