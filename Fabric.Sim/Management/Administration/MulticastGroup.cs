using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Sim.Management.Administration;

/// <summary>A multicast group: what its packets are like, and who is a member how.</summary>
internal sealed class MulticastGroup(McMemberRecord parameters, bool isPermanent)
{
    /// <summary>Group parameters; no port, no join state.</summary>
    public McMemberRecord Parameters { get; } = parameters;
    /// <summary>Made by the manager for a partition: stays without members.</summary>
    public bool IsPermanent { get; } = isPermanent;
    /// <summary>Join states by port GUID.</summary>
    public SortedDictionary<ulong, byte> Members { get; } = [];
    public Gid Gid => Parameters.MulticastGid;
    public Lid Lid => Parameters.MulticastLid;
    public bool HasFullMember => Members.Values.Any(j => (j & GroupRegistry.FullMember) != 0);
}
