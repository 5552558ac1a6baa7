using Weft.Fabric.Sim.Management.Partitions;
using Weft.Fabric.Sim.Management.Routing;
using Weft.Fabric.Sim.Management.Sweeps;
using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Sim.Management.Administration;

/// <summary>Multicast groups and memberships. IBA Vol 1 §15.2.5.17, §15.4.3. Partitions bring theirs along; the first full member creates any other.</summary>
internal sealed class GroupRegistry
{
    public const byte FullMember = 1, NonMember = 2, SendOnly = 4;
    private const ushort FirstLid = 0xC000, Lids = 1024;
    private static readonly SaRecordTable Table = McMemberRecord.Table;
    private static readonly ulong Joining = Table.Mask(nameof(McMemberRecord.PortGid), nameof(McMemberRecord.JoinState));
    private static readonly ulong Creating = Table.Mask(nameof(McMemberRecord.QKey), nameof(McMemberRecord.TrafficClass), nameof(McMemberRecord.PKey), nameof(McMemberRecord.ServiceLevel), nameof(McMemberRecord.FlowLabel));
    // What a join may name only as the group has it. MTU, rate and lifetime are compared by their selectors.
    private static readonly ulong Fixed = Creating | Table.Mask(nameof(McMemberRecord.MulticastLid), nameof(McMemberRecord.HopLimit), nameof(McMemberRecord.Scope));
    private readonly ManagerOptions options;
    private readonly SortedDictionary<Gid, MulticastGroup> groups = [];
    private readonly HashSet<ushort> lids = [];
    private readonly Queue<(ushort Trap, Gid Gid)> notices = [];

    public GroupRegistry(ManagerOptions options)
    {
        this.options = options;
        AddPermanent();
    }

    public int Count => groups.Count;

    /// <summary>A group that came (66) or went (67) since the last call.</summary>
    public bool TryTakeNotice(out ushort trap, out Gid gid)
    {
        var has = notices.TryDequeue(out var notice);
        (trap, gid) = notice;
        return has;
    }

    public ushort Join(SubnetInventory inventory, in SaRequest request, Span<byte> record)
    {
        McMemberRecord.TryRead(record, out var asked);
        if ((request.Mask & Joining) != Joining || (asked.JoinState & 7) == 0) return SaStatus.InsufficientComponents;
        if (inventory.FindPort(new Guid64(asked.PortGid.Low)) is not { } port) return SaStatus.InvalidGid;
        if (!MayActFor(request, port)) return SaStatus.RequestInvalid;
        var hasGid = Has(request.Mask, nameof(McMemberRecord.MulticastGid)) && asked.MulticastGid != default;
        MulticastGroup? group = null;
        var isNew = !hasGid || !groups.TryGetValue(asked.MulticastGid, out group);
        if (isNew && TryCreate(request, port, hasGid, asked, out group) is var status && status != SaStatus.Ok) return status;
        if (!isNew && !IsCompatible(group!, asked, request.Mask)) return SaStatus.RequestInvalid;
        if (Visibility.KeyOf(port, group!.Parameters.PKey) is null) return SaStatus.RequestInvalid;
        if (isNew) Add(group);
        var states = group.Members[port.Guid.Value] = (byte)(group.Members.GetValueOrDefault(port.Guid.Value) | asked.JoinState & 7);
        (group.Parameters with { PortGid = new(options.SubnetPrefix, port.Guid.Value), JoinState = states, ProxyJoin = asked.ProxyJoin }).Write(record);
        return SaStatus.Ok;
    }

    public ushort Leave(SubnetInventory inventory, in SaRequest request, Span<byte> record)
    {
        McMemberRecord.TryRead(record, out var asked);
        var needed = Joining | Table.Mask(nameof(McMemberRecord.MulticastGid));
        if ((request.Mask & needed) != needed) return SaStatus.InsufficientComponents;
        if (!groups.TryGetValue(asked.MulticastGid, out var group) || !group.Members.TryGetValue(asked.PortGid.Low, out var states) || (states & asked.JoinState) == 0) return SaStatus.RequestInvalid;
        if (inventory.FindPort(new Guid64(asked.PortGid.Low)) is not { } port || !MayActFor(request, port)) return SaStatus.RequestInvalid;
        var left = (byte)(states & ~asked.JoinState);
        if (left == 0) group.Members.Remove(port.Guid.Value);
        else group.Members[port.Guid.Value] = left;
        (group.Parameters with { PortGid = asked.PortGid, JoinState = left }).Write(record);
        RemoveIfEmpty(group);
        return SaStatus.Ok;
    }

    // A trusted client, one that knows the SM_Key, sees each member; others see the groups of their partitions.
    public ushort Find(in SaRequest request, RecordList list)
    {
        var isTrusted = request.Sa.SmKey == options.SmKey && options.SmKey != 0;
        foreach (var group in groups.Values)
        {
            if (Visibility.KeyOf(request.Requester!, group.Parameters.PKey) is null) continue;
            if (!isTrusted || group.Members.Count == 0)
            {
                group.Parameters.Write(list.Begin());
                list.Commit();
                continue;
            }
            foreach (var (guid, states) in group.Members)
            {
                (group.Parameters with { PortGid = new(options.SubnetPrefix, guid), JoinState = states }).Write(list.Begin());
                list.Commit();
            }
        }
        return SaStatus.Ok;
    }

    /// <summary>A path from a port to a group, as a query for a unicast path has it.</summary>
    public void AddPath(in PathRecord asked, ulong mask, Gid source, ManagedPort from, RecordList list)
    {
        foreach (var group in groups.Values)
        {
            var parameters = group.Parameters;
            if ((mask & PathRecord.Table.Mask(nameof(PathRecord.DestinationGid))) != 0 && asked.DestinationGid != group.Gid) continue;
            if ((mask & PathRecord.Table.Mask(nameof(PathRecord.DestinationLid))) != 0 && asked.DestinationLid != group.Lid) continue;
            if (Visibility.KeyOf(from, parameters.PKey) is null) continue;
            list.Add(new PathRecord
            {
                DestinationGid = group.Gid, SourceGid = source, DestinationLid = group.Lid, SourceLid = from.Lid, FlowLabel = parameters.FlowLabel, HopLimit = parameters.HopLimit,
                TrafficClass = parameters.TrafficClass, PKey = parameters.PKey, ServiceLevel = parameters.ServiceLevel, MtuSelector = SaSelector.Exactly, Mtu = parameters.Mtu,
                RateSelector = SaSelector.Exactly, Rate = parameters.Rate, LifetimeSelector = SaSelector.Exactly, PacketLifetime = parameters.PacketLifetime,
            });
        }
    }

    /// <summary>Groups with the ports that receive them: who only sends needs no branch of its own.</summary>
    public IEnumerable<(Lid MulticastLid, IReadOnlyList<EndPort> Members)> Receivers(SubnetInventory inventory)
    {
        foreach (var group in groups.Values)
        {
            var ends = new List<EndPort>();
            foreach (var (guid, _) in group.Members)
            {
                if (inventory.FindPort(new Guid64(guid)) is not { } port) continue;
                var exit = port.Number == 0 ? port : port.Peer;
                if (exit is { Node: { IsSwitch: true, SwitchIndex: >= 0 } }) ends.Add(new(port.Lid, 0, exit.Node.SwitchIndex, exit.Number));
            }
            if (ends.Count > 0) yield return (group.Lid, ends);
        }
    }

    /// <summary>Ports that are gone are no members any more.</summary>
    public void Prune(SubnetInventory inventory)
    {
        foreach (var group in groups.Values.ToList())
        {
            foreach (var guid in group.Members.Keys.Where(g => inventory.FindPort(new Guid64(g)) is null).ToList()) group.Members.Remove(guid);
            if (group.Members.Count == 0) RemoveIfEmpty(group);
        }
    }

    public void Clear()
    {
        groups.Clear();
        lids.Clear();
        notices.Clear();
        AddPermanent();
    }

    private static bool Has(ulong mask, string name) => (mask & Table.Mask(name)) != 0;

    // A port acts for itself, or for another of its partition when it says that it does (ProxyJoin).
    private static bool MayActFor(in SaRequest request, ManagedPort port)
    {
        McMemberRecord.TryRead(request.Record, out var asked);
        return request.Requester == port || (asked.ProxyJoin && Has(request.Mask, nameof(McMemberRecord.ProxyJoin)) && Visibility.SharedKey(request.Requester!, port) is not null);
    }

    private ushort TryCreate(in SaRequest request, ManagedPort port, bool hasGid, in McMemberRecord asked, out MulticastGroup? group)
    {
        group = null;
        if ((request.Mask & Creating) != Creating || (asked.JoinState & FullMember) == 0) return SaStatus.InsufficientComponents;
        if (hasGid && !asked.MulticastGid.IsMulticast) return SaStatus.RequestInvalid;
        if (TryTakeLid() is not { } lid) return SaStatus.NoResources;
        var gid = hasGid ? asked.MulticastGid : new Gid(0xFF10_A01C_0000_0000 | (ulong)(asked.Scope != 0 ? asked.Scope : 2) << 48, lid.Value); // A01C: made by the SA
        var (mtu, rate) = (port.Info.NeighborMtu, IbRate.Of(port.Info));
        if (Has(request.Mask, nameof(McMemberRecord.Mtu)) && asked is { MtuSelector: SaSelector.Exactly, Mtu: > 0 }) mtu = asked.Mtu;
        if (Has(request.Mask, nameof(McMemberRecord.Rate)) && asked is { RateSelector: SaSelector.Exactly, Rate: > 0 }) rate = asked.Rate;
        if (mtu > port.Info.MtuCap || (IbRate.Speed(rate) is var speed && (speed == 0 || speed > IbRate.Speed(IbRate.Of(port.Info)))))
        {
            lids.Remove(lid.Value);
            return SaStatus.RequestInvalid;
        }
        group = new(asked with
        {
            MulticastGid = gid, MulticastLid = lid, PortGid = default, JoinState = 0, ProxyJoin = false, MtuSelector = SaSelector.Exactly, Mtu = mtu, RateSelector = SaSelector.Exactly, Rate = rate,
            LifetimeSelector = SaSelector.Exactly, PacketLifetime = options.PacketLifetime, Scope = (byte)(gid.High >> 48 & 15),
        }, isPermanent: false);
        if (Visibility.KeyOf(port, asked.PKey) is not null) return SaStatus.Ok;
        lids.Remove(lid.Value);
        return SaStatus.RequestInvalid;
    }

    private static bool IsCompatible(MulticastGroup group, in McMemberRecord asked, ulong mask)
    {
        Span<byte> own = stackalloc byte[McMemberRecord.Length], other = stackalloc byte[McMemberRecord.Length];
        group.Parameters.Write(own);
        // Membership bit aside, the partition must be the group's.
        (asked with { PKey = asked.PKey.Partition == group.Parameters.PKey.Partition ? group.Parameters.PKey : asked.PKey }).Write(other);
        return Table.Matches(own, other, mask & Fixed)
            && (!Has(mask, nameof(McMemberRecord.Mtu)) || !Has(mask, nameof(McMemberRecord.MtuSelector)) || IbRate.Meets(asked.MtuSelector, group.Parameters.Mtu, asked.Mtu))
            && (!Has(mask, nameof(McMemberRecord.Rate)) || !Has(mask, nameof(McMemberRecord.RateSelector))
                || IbRate.Meets(asked.RateSelector, IbRate.Speed(group.Parameters.Rate), IbRate.Speed(asked.Rate)));
    }

    private Lid? TryTakeLid()
    {
        for (var lid = FirstLid; lid < FirstLid + Lids; lid++)
            if (lids.Add(lid)) return new(lid);
        return null;
    }

    private void Add(MulticastGroup group)
    {
        groups.Add(group.Gid, group);
        notices.Enqueue((66, group.Gid));
    }

    private void RemoveIfEmpty(MulticastGroup group)
    {
        if (group.IsPermanent || group.HasFullMember) return;
        groups.Remove(group.Gid);
        lids.Remove(group.Lid.Value);
        notices.Enqueue((67, group.Gid));
    }

    // The broadcast group of IPoIB for each partition that has it, and groups that the policy names. RFC 4391 §4, §5.
    private void AddPermanent()
    {
        foreach (var partition in options.Partitions.Partitions)
            foreach (var group in partition.Groups)
                foreach (var scope in group.Scopes.DefaultIfEmpty((byte)2))
                {
                    var key = (ushort)(partition.Key.Value | 0x8000);
                    var gid = group.MulticastGid != default ? group.MulticastGid : new Gid(0xFF10_401B_0000_0000 | (ulong)scope << 48 | (ulong)key << 16, 0xFFFF_FFFF);
                    if (groups.ContainsKey(gid) || TryTakeLid() is not { } lid) continue;
                    groups.Add(gid, new(new()
                    {
                        MulticastGid = gid, MulticastLid = lid, QKey = group.QKey ?? new(0xB1B), MtuSelector = SaSelector.Exactly, Mtu = group.Mtu ?? 4, TrafficClass = group.TrafficClass ?? 0,
                        PKey = new(key), RateSelector = SaSelector.Exactly, Rate = group.Rate ?? 3, LifetimeSelector = SaSelector.Exactly, PacketLifetime = options.PacketLifetime,
                        ServiceLevel = group.ServiceLevel ?? partition.ServiceLevel, FlowLabel = group.FlowLabel ?? 0, Scope = (byte)(gid.High >> 48 & 15),
                    }, isPermanent: true));
                }
    }
}
