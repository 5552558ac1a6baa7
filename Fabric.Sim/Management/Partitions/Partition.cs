namespace Weft.Fabric.Sim.Management.Partitions;

/// <summary>One partition of a policy.</summary>
public sealed class Partition(string name, PKey key)
{
    public string Name { get; } = name;
    /// <summary>Without the membership bit.</summary>
    public PKey Key { get; } = key;
    /// <summary>Its key stands at index 0 of a member's table.</summary>
    public bool IsIndex0 { get; internal set; }
    /// <summary>Service level of the paths between its members, and of its groups where they have none of their own.</summary>
    public byte ServiceLevel { get; internal set; }
    public List<PartitionMember> Members { get; } = [];
    public List<PartitionGroup> Groups { get; } = [];

    public override string ToString() => $"{Name}={Key}";
}
