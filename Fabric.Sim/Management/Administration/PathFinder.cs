using Weft.Fabric.Sim.Management.Routing;
using Weft.Fabric.Sim.Management.Sweeps;
using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Sim.Management.Administration;

/// <summary>Paths between ports, along the forwarding tables: what they can carry is the least of their links. IBA Vol 1 §15.2.5.16.</summary>
internal static class PathFinder
{
    private const int MaxHops = 64;
    private static readonly SaRecordTable Table = PathRecord.Table;

    /// <summary>What a query wants of a path.</summary>
    private readonly record struct Wishes(PKey PKey, PathRecord Template, ulong Mask, int Most)
    {
        public bool Has(string name) => (Mask & Table.Mask(name)) != 0;
    }

    public static ushort Find(SubnetInventory inventory, ManagerOptions options, GroupRegistry groups, in SaRequest request, RecordList list)
    {
        PathRecord.TryRead(request.Record, out var asked);
        var wishes = Read(asked, request.Mask);
        var isMulticast = (wishes.Has(nameof(PathRecord.DestinationGid)) && asked.DestinationGid.IsMulticast) || (wishes.Has(nameof(PathRecord.DestinationLid)) && asked.DestinationLid.IsMulticast);
        if (!TryEnds(inventory, options, wishes.Has(nameof(PathRecord.SourceGid)), asked.SourceGid, wishes.Has(nameof(PathRecord.SourceLid)), asked.SourceLid, out var sources)) return SaStatus.InvalidGid;
        if (isMulticast)
        {
            foreach (var source in sources) groups.AddPath(asked, request.Mask, GidOf(source, options), source, list);
            return SaStatus.Ok;
        }
        if (!TryEnds(inventory, options, wishes.Has(nameof(PathRecord.DestinationGid)), asked.DestinationGid, wishes.Has(nameof(PathRecord.DestinationLid)), asked.DestinationLid, out var destinations))
            return SaStatus.InvalidGid;
        foreach (var source in sources)
            foreach (var destination in destinations)
            {
                if (list.IsOverfull) return SaStatus.NoResources;
                if (Visibility.MayKnow(request.Requester!, source, inventory) && Visibility.MayKnow(request.Requester!, destination, inventory))
                    AddPaths(inventory, options, source, destination, wishes with { Most = request.Method == Protocol.Mad.MadMethod.Get ? 1 : wishes.Most }, list);
            }
        return SaStatus.Ok;
    }

    /// <summary>From each source GID to each destination GID, best spread: another path of the same pair only after one of every pair.</summary>
    public static ushort FindMulti(SubnetInventory inventory, ManagerOptions options, GroupRegistry groups, in SaRequest request, RecordList list)
    {
        MultiPathRecord.TryRead(request.Record, out var asked);
        var count = asked.SourceCount + asked.DestinationCount;
        var counted = MultiPathRecord.Table.Mask(nameof(MultiPathRecord.SourceCount), nameof(MultiPathRecord.DestinationCount));
        if ((request.Mask & counted) != counted || asked.SourceCount == 0 || asked.DestinationCount == 0) return SaStatus.InsufficientComponents;
        if (count * Gid.Length > asked.Gids.Length) return SaStatus.RequestInvalid;
        var ports = new ManagedPort[count];
        for (var i = 0; i < count; i++)
        {
            if (inventory.FindPort(new Guid64(Gid.Read(asked.Gids[(i * Gid.Length)..]).Low)) is not { } port) return SaStatus.InvalidGid;
            ports[i] = port;
        }
        var (template, mask) = ToPath(asked, request.Mask);
        var wishes = Read(template, mask);
        var most = (request.Mask & MultiPathRecord.Table.Mask(nameof(MultiPathRecord.NumberOfPaths))) != 0 ? asked.NumberOfPaths : int.MaxValue;
        foreach (var source in ports.AsSpan(0, asked.SourceCount))
            foreach (var destination in ports.AsSpan(asked.SourceCount))
                if (list.Count < most && Visibility.MayKnow(request.Requester!, source, inventory) && Visibility.MayKnow(request.Requester!, destination, inventory))
                    AddPaths(inventory, options, source, destination, wishes with { Most = 1 }, list);
        return SaStatus.Ok;
    }

    private static (PathRecord Template, ulong Mask) ToPath(in MultiPathRecord asked, ulong mask)
    {
        var template = new PathRecord
        {
            PKey = asked.PKey, ServiceLevel = asked.ServiceLevel, MtuSelector = asked.MtuSelector, Mtu = asked.Mtu, RateSelector = asked.RateSelector, Rate = asked.Rate,
            LifetimeSelector = asked.LifetimeSelector, PacketLifetime = asked.PacketLifetime,
        };
        ulong known = 0;
        foreach (var name in (string[])[nameof(PathRecord.PKey), nameof(PathRecord.ServiceLevel), nameof(PathRecord.MtuSelector), nameof(PathRecord.Mtu), nameof(PathRecord.RateSelector),
            nameof(PathRecord.Rate), nameof(PathRecord.LifetimeSelector), nameof(PathRecord.PacketLifetime)])
            if ((mask & MultiPathRecord.Table.Mask(name)) != 0) known |= Table.Mask(name);
        return (template, known);
    }

    private static Wishes Read(in PathRecord asked, ulong mask)
    {
        var hasKey = (mask & Table.Mask(nameof(PathRecord.PKey))) != 0;
        var hasNumber = (mask & Table.Mask(nameof(PathRecord.NumberOfPaths))) != 0 && asked.NumberOfPaths > 0;
        return new(hasKey ? asked.PKey : default, asked, mask, hasNumber ? asked.NumberOfPaths : int.MaxValue);
    }

    // GID and LID of one end: both must be of the same port where both are given; neither: every port.
    private static bool TryEnds(SubnetInventory inventory, ManagerOptions options, bool hasGid, Gid gid, bool hasLid, Lid lid, out IEnumerable<ManagedPort> ends)
    {
        ends = [];
        if (!hasGid && !hasLid) ends = inventory.EndPorts;
        else
        {
            var byGid = hasGid && gid.High == options.SubnetPrefix ? inventory.FindPort(new Guid64(gid.Low)) : null;
            var byLid = hasLid ? inventory.FindPort(lid) : null;
            if (hasGid && byGid is null && !gid.IsMulticast) return false;
            if (hasGid && hasLid ? byGid == byLid && byGid is not null : (byGid ?? byLid) is not null) ends = [byGid ?? byLid!];
        }
        return true;
    }

    private static void AddPaths(SubnetInventory inventory, ManagerOptions options, ManagedPort source, ManagedPort destination, in Wishes wishes, RecordList list)
    {
        PKey? key = wishes.PKey != default ? Common(source, destination, wishes.PKey) : source == destination ? Visibility.KeyOf(source, FirstKey(source)) : Visibility.SharedKey(source, destination);
        if (key is null) return;
        var level = options.Partitions.Find(key.Value)?.ServiceLevel ?? 0;
        if (wishes.Has(nameof(PathRecord.ServiceLevel)) && wishes.Template.ServiceLevel != level) return;
        var found = 0;
        for (var offset = 0; offset < 1 << destination.Lmc && found < wishes.Most; offset++)
        {
            var (from, to) = (source.Lid.Value + offset % (1 << source.Lmc), destination.Lid.Value + offset);
            if (wishes.Has(nameof(PathRecord.DestinationLid)) && wishes.Template.DestinationLid.Value != to) continue;
            if (wishes.Has(nameof(PathRecord.SourceLid))) from = wishes.Template.SourceLid.Value;
            if (!TryTrace(inventory, source, destination, to, out var mtu, out var rate) || !TryTrace(inventory, destination, source, from, out _, out _)) continue;
            if (!IsWanted(wishes, mtu, rate, options.PacketLifetime)) continue;
            found++;
            list.Add(new PathRecord
            {
                ServiceIdHigh = wishes.Template.ServiceIdHigh, ServiceIdLow = wishes.Template.ServiceIdLow, DestinationGid = GidOf(destination, options), SourceGid = GidOf(source, options),
                DestinationLid = new((ushort)to), SourceLid = new((ushort)from), Reversible = true, PKey = key.Value, ServiceLevel = level, MtuSelector = SaSelector.Exactly, Mtu = mtu,
                RateSelector = SaSelector.Exactly, Rate = rate, LifetimeSelector = SaSelector.Exactly, PacketLifetime = options.PacketLifetime,
            });
        }
    }

    private static Gid GidOf(ManagedPort port, ManagerOptions options) => new(options.SubnetPrefix, port.Guid.Value);

    private static PKey FirstKey(ManagedPort port) => new((port.WantedKeys ?? port.Keys) is { Length: > 0 } keys ? keys[0] : (ushort)0);

    private static PKey? Common(ManagedPort source, ManagedPort destination, PKey partition) =>
        Visibility.KeyOf(source, partition) is { } a && Visibility.KeyOf(destination, partition) is { } b && (a.Matches(b) || source == destination) ? a : null;

    private static bool IsWanted(in Wishes wishes, byte mtu, byte rate, byte lifetime)
    {
        var asked = wishes.Template;
        return (!wishes.Has(nameof(PathRecord.Mtu)) || !wishes.Has(nameof(PathRecord.MtuSelector)) || IbRate.Meets(asked.MtuSelector, mtu, asked.Mtu))
            && (!wishes.Has(nameof(PathRecord.Rate)) || !wishes.Has(nameof(PathRecord.RateSelector)) || IbRate.Meets(asked.RateSelector, IbRate.Speed(rate), IbRate.Speed(asked.Rate)))
            && (!wishes.Has(nameof(PathRecord.PacketLifetime)) || !wishes.Has(nameof(PathRecord.LifetimeSelector)) || IbRate.Meets(asked.LifetimeSelector, lifetime, asked.PacketLifetime));
    }

    private static byte MtuOf(ManagedPort port) => port.Number == 0 ? port.Info.MtuCap : port.Info.NeighborMtu;

    private static byte Slower(byte a, byte b) => IbRate.Speed(b) < IbRate.Speed(a) ? b : a;

    /// <summary>Follows the tables from one port to a LID of another.</summary>
    private static bool TryTrace(SubnetInventory inventory, ManagedPort source, ManagedPort destination, int lid, out byte mtu, out byte rate)
    {
        (mtu, rate) = (MtuOf(source), IbRate.Of(source.Info));
        if (source == destination) return true;
        // Port 0 of a switch has no link, and its own limits.
        if (destination.Number == 0) (mtu, rate) = (Math.Min(mtu, MtuOf(destination)), Slower(rate, IbRate.Of(destination.Info)));
        var at = source.Node.IsSwitch ? source.Node.Ports[0] : source.Peer;
        for (var hops = 0; hops < MaxHops && at is not null; hops++)
        {
            if (at == destination) return true;
            if (!at.Node.IsSwitch || inventory.Tables is not { } tables || at.Node.SwitchIndex < 0) return false;
            var exit = tables[at.Node.SwitchIndex][lid];
            if (exit == 0) return destination == at.Node.Ports[0];
            if (exit == RoutingTables.Unreachable || at.Node.Ports[exit] is not { IsLinkUp: true, Peer: { } peer } link) return false;
            (mtu, rate) = (Math.Min(mtu, link.Info.NeighborMtu), Slower(rate, IbRate.Of(link.Info)));
            at = peer;
        }
        return false;
    }
}
