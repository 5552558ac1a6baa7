namespace Weft.Fabric.Sim.Management.Partitions;

/// <summary>One entry of a partition's port list. <paramref name="PortGuid"/> counts for <see cref="MemberKind.Port"/> alone.</summary>
public readonly record struct PartitionMember(MemberKind Kind, Guid64 PortGuid, Membership Membership);
