namespace Weft.Fabric.Sim.Management.Partitions;

/// <summary>
/// Who may talk to whom: the partitions of a subnet. Partition 0x7fff always exists and holds every port: as full member when there is no
/// file, otherwise as limited member but for the subnet manager, so that all can talk to the SA and nobody to each other unless the file
/// says so. OpenSM does the same.
/// </summary>
public sealed class PartitionPolicy
{
    public const ushort DefaultKey = 0x7FFF;
    private readonly List<Partition> partitions = [];
    private readonly Dictionary<ushort, Partition> byKey = [];

    /// <summary>The policy without a file: all ports are full members of the default partition.</summary>
    public static PartitionPolicy Open { get; } = new(Membership.Full);

    internal PartitionPolicy(Membership everybody)
    {
        var standard = Add("Default", DefaultKey);
        standard.Members.Add(new(MemberKind.All, default, everybody));
        standard.Members.Add(new(MemberKind.Self, default, Membership.Full));
        if (everybody == Membership.Full) standard.Groups.Add(new());
    }

    public IReadOnlyList<Partition> Partitions => partitions;

    public Partition? Find(PKey key) => byKey.GetValueOrDefault((ushort)key.Partition);

    /// <summary>Reads the text of a partitions file, in the format of OpenSM's <c>partitions.conf</c>.</summary>
    /// <param name="error">What is wrong, with the number of its line; empty when nothing is.</param>
    public static bool TryParse(string text, out PartitionPolicy policy, out string error) => PartitionFileParser.TryParse(text, out policy, out error);

    /// <summary>The keys of a port's table, in order: at most one of each, the one for index 0 first.</summary>
    /// <param name="port">GUID of the port.</param>
    /// <param name="kind"><see cref="MemberKind.AllAdapters"/>, <see cref="MemberKind.AllSwitches"/> or <see cref="MemberKind.AllRouters"/>: what it is a port of.</param>
    /// <param name="isManager">Whether the subnet manager sits there.</param>
    public List<PKey> KeysOf(Guid64 port, MemberKind kind, bool isManager)
    {
        var keys = new List<PKey>();
        foreach (var partition in partitions)
        {
            var (full, limited, both) = (false, false, false);
            foreach (var member in partition.Members)
            {
                if (!Covers(member, port, kind, isManager)) continue;
                full |= member.Membership == Membership.Full;
                limited |= member.Membership == Membership.Limited;
                both |= member.Membership == Membership.Both;
            }
            if (full || both) Place(keys, partition, new((ushort)(partition.Key.Value | 0x8000)));
            if (both || (limited && !full)) Place(keys, partition, partition.Key); // full includes limited, unless both are asked for
        }
        return keys;
    }

    private static bool Covers(in PartitionMember member, Guid64 port, MemberKind kind, bool isManager) => member.Kind switch
    {
        MemberKind.Port => member.PortGuid == port,
        MemberKind.Self => isManager,
        MemberKind.All => true,
        _ => member.Kind == kind,
    };

    private static void Place(List<PKey> keys, Partition partition, PKey key)
    {
        if (partition.IsIndex0) keys.Insert(0, key);
        else keys.Add(key);
    }

    internal Partition Add(string name, ushort key)
    {
        if (byKey.TryGetValue(key, out var known)) return known; // definitions of one key are one partition
        var partition = new Partition(name, new(key));
        byKey.Add(key, partition);
        partitions.Add(partition);
        return partition;
    }

    /// <summary>The lowest key that no partition has; 0 when all are taken.</summary>
    internal ushort FreeKey()
    {
        for (ushort key = 1; key < DefaultKey; key++)
            if (!byKey.ContainsKey(key)) return key;
        return 0;
    }
}
