using Weft.Fabric.Sim.Management;

namespace Weft.Scenarios.Runner;

/// <summary>What the InfiniBand fabric of a scenario is like.</summary>
/// <param name="Leaves">Switches that hosts are plugged into in turn.</param>
/// <param name="Spines">Switches between them, each cabled to every leaf.</param>
/// <param name="Manager">How its subnet manager behaves; none: there is none.</param>
/// <param name="SwitchPorts">Ports of each switch, 8 to 254. A manager asks each of them in every sweep, so fewer make a run shorter.</param>
public sealed record SubnetShape(int Leaves = 1, int Spines = 0, ManagerOptions? Manager = null, int SwitchPorts = 254)
{
    /// <summary>For scenarios of a few hosts.</summary>
    public const int FewPorts = 24;
}
