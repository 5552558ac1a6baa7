namespace Weft.Fabric.Sim.Management.Partitions;

/// <summary>How a port belongs to a partition. IBA Vol 1 §10.9.1.</summary>
public enum Membership : byte
{
    Limited,
    Full,
    /// <summary>Both keys are in its table.</summary>
    Both,
}
