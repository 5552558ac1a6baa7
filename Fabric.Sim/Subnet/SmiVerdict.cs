namespace Weft.Fabric.Sim.Subnet;

/// <summary>Where a subnet management packet goes next.</summary>
public enum SmiVerdict : byte
{
    /// <summary>Nowhere: it broke a rule of directed routing.</summary>
    Discard,
    /// <summary>It is for this node: for its agent, or, when it is a response, for the manager that runs here.</summary>
    Local,
    /// <summary>Out by the port that is told, whatever the logical state of the link.</summary>
    Forward,
    /// <summary>On by its destination LID: the directed part of its way has ended.</summary>
    RouteByLid,
}
