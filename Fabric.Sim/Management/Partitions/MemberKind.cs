namespace Weft.Fabric.Sim.Management.Partitions;

/// <summary>What a member entry of a partition stands for.</summary>
public enum MemberKind : byte
{
    /// <summary>One port, by its GUID.</summary>
    Port,
    All,
    AllAdapters,
    AllSwitches,
    AllRouters,
    /// <summary>The port of the subnet manager.</summary>
    Self,
}
