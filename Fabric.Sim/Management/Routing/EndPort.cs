namespace Weft.Fabric.Sim.Management.Routing;

/// <summary>Something that LIDs lead to: a port of an adapter, or port 0 of a switch.</summary>
/// <param name="Lid">First LID.</param>
/// <param name="Lmc">It has 2^Lmc LIDs in a row.</param>
/// <param name="Switch">Index of the switch that it is plugged into, or that it is part of.</param>
/// <param name="Port">Port of that switch that leads to it; 0 for the switch itself.</param>
public readonly record struct EndPort(Lid Lid, byte Lmc, int Switch, byte Port)
{
    public bool IsSwitch => Port == 0;
    public int LidCount => 1 << Lmc;
}
