using Weft.Fabric.Sim.Management.Routing;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>The half of a sweep that orders: Sets, where what a node has differs from what it shall have.</summary>
internal sealed partial class Sweep
{
    private const byte ErrorThreshold = 8;

    private void OrderKeys()
    {
        foreach (var node in inventory.Nodes)
            foreach (var port in node.Ports)
            {
                if (port?.WantedKeys is not { } wanted) continue;
                var high = node.IsSwitch ? (uint)port.Number << 16 : 0;
                for (var block = 0; block * SmpTables.PKeysPerBlock < wanted.Length; block++)
                    if (!Block(port.Keys!, block).SequenceEqual(Block(wanted, block)))
                        exchange.Add(new(SmpAttribute.PKeyTable, true, node.Index, port.Number, high | (uint)block));
            }
    }

    private static ReadOnlySpan<ushort> Block(ushort[] keys, int block) => keys.AsSpan(block * SmpTables.PKeysPerBlock, SmpTables.PKeysPerBlock);

    private void OrderAddresses()
    {
        foreach (var port in inventory.EndPorts)
            if (port.Lid != Lid.None && NeedsOrder(port)) exchange.Add(Order(port, PortState.NoChange));
    }

    private void OrderTables()
    {
        var tables = inventory.Tables!;
        for (var at = 0; at < inventory.Switches.Count; at++)
        {
            var node = inventory.Switches[at];
            var table = tables.TableOf(at);
            if (node.Switch.LinearFdbTop != tables.MaxLid || node.Switch.LifeTimeValue != options.PacketLifetime)
                exchange.Add(new(SmpAttribute.SwitchInfo, true, node.Index, 0));
            for (var block = 0; block * SmpTables.LidsPerBlock < table.Length; block++)
            {
                var first = block * SmpTables.LidsPerBlock;
                var isSame = node.Linear is { } old && old.Length >= first + SmpTables.LidsPerBlock
                    && old.AsSpan(first, SmpTables.LidsPerBlock).SequenceEqual(table.AsSpan(first, SmpTables.LidsPerBlock));
                if (!isSame) exchange.Add(new(SmpAttribute.LinearForwardingTable, true, node.Index, 0, (uint)block));
            }
            node.Linear = table;
        }
    }

    // The masks of all groups, then the blocks that differ from what was written; a block that no group needs any more becomes empty.
    private void PlanGroups()
    {
        var graph = inventory.Tables!.Graph;
        var plans = new SortedDictionary<(int Switch, uint Block), ushort[]>();
        foreach (var (lid, members) in listener.GroupsOf(inventory))
            foreach (var (at, ports) in MulticastTree.Build(graph, members).Entries)
                foreach (var port in ports)
                {
                    var (index, position) = (lid.Value - 0xC000, port / SmpTables.PortsPerPosition);
                    var key = (at, (uint)(index / SmpTables.MulticastLidsPerBlock) | (uint)position << 28);
                    if (!plans.TryGetValue(key, out var masks)) plans[key] = masks = new ushort[SmpTables.MulticastLidsPerBlock];
                    masks[index % SmpTables.MulticastLidsPerBlock] |= (ushort)(1 << port % SmpTables.PortsPerPosition);
                }
        for (var at = 0; at < inventory.Switches.Count; at++)
            foreach (var block in inventory.Switches[at].Multicast.Keys)
                plans.TryAdd((at, block), new ushort[SmpTables.MulticastLidsPerBlock]);
        foreach (var ((at, block), masks) in plans)
        {
            var node = inventory.Switches[at];
            if (node.Multicast.TryGetValue(block, out var old) && old.AsSpan().SequenceEqual(masks)) continue;
            node.Multicast[block] = masks;
            exchange.Add(new(SmpAttribute.MulticastForwardingTable, true, node.Index, 0, block));
        }
    }

    private void OrderLinks()
    {
        foreach (var node in inventory.Nodes)
        {
            if (node.IsBroken) continue;
            foreach (var port in node.Ports)
            {
                if (port is null || port.Number == 0 || !port.IsLinkUp || port.Peer is null) continue;
                var state = port.Info.State == PortState.Initialize ? PortState.Armed : PortState.NoChange;
                if (state == PortState.Armed || NeedsOrder(port)) exchange.Add(Order(port, state));
            }
        }
    }

    private void OrderActive()
    {
        foreach (var node in inventory.Nodes)
            foreach (var port in node.Ports)
                if (port is { IsKnown: true, Info.State: PortState.Armed }) exchange.Add(Order(port, PortState.Active));
    }

    private static SweepRequest Order(ManagedPort port, PortState state) => new(SmpAttribute.PortInfo, true, port.Node.Index, port.Number, port.Number, state);

    /// <summary>The attribute as a Set that changes nothing would have it.</summary>
    private static PortInfo Neutral(ManagedPort port)
    {
        var info = port.Info;
        (info.State, info.PhysicalState, info.LinkDownDefaultState) = (PortState.NoChange, PortPhysicalState.NoChange, PortPhysicalState.NoChange);
        (info.LinkWidthEnabled, info.LinkSpeedEnabled, info.LinkSpeedExtEnabled) = (0, 0, 0);
        return info;
    }

    private bool NeedsOrder(ManagedPort port)
    {
        var (wanted, neutral) = (Wanted(port), Neutral(port));
        return !wanted.Bytes.SequenceEqual(neutral.Bytes);
    }

    private PortInfo Wanted(ManagedPort port)
    {
        var info = Neutral(port);
        (info.LocalPhyErrors, info.OverrunErrors) = (ErrorThreshold, ErrorThreshold);
        if (port.IsEndPort)
        {
            var isMoved = info.Lid != port.Lid || info.MasterSmLid != inventory.Own.Lid;
            (info.Lid, info.Lmc, info.MasterSmLid, info.MasterSmSl) = (port.Lid, port.Lmc, inventory.Own.Lid, 0);
            (info.GidPrefix, info.SubnetTimeout) = (options.SubnetPrefix, options.SubnetTimeout);
            info.ClientReregister = isMoved && (info.Capabilities & PortCapabilities.ClientReregistration) != 0;
        }
        if (port.Number == 0 || port.Peer is not { IsKnown: true } peer) return info;
        // A link that carries keeps what it has: changing the MTU under traffic would lose packets.
        if (port.Info.State == PortState.Initialize)
        {
            info.NeighborMtu = Math.Min(info.MtuCap, peer.Info.MtuCap);
            info.OperationalVls = Math.Min(info.VlCap, peer.Info.VlCap);
        }
        if (options.Qos is { } qos) info.VlHighLimit = qos.HighLimit;
        if (port.Node.IsSwitch)
            info.PartitionEnforcementInbound = info.PartitionEnforcementOutbound = !peer.Node.IsSwitch && port.Node.Switch.PartitionEnforcementCap > 0;
        return info;
    }

    private void WriteOrder(in SweepRequest request, ManagedNode node, Span<byte> data)
    {
        switch (request.Attribute)
        {
            case SmpAttribute.SwitchInfo:
                var info = node.Switch; // its change bit as read: 1 clears it while discovering, afterwards it reads 0 and stays
                if (Phase != SweepPhase.Discover)
                    (info.LinearFdbTop, info.LifeTimeValue, info.PortStateChange) = ((ushort)inventory.Tables!.MaxLid, options.PacketLifetime, false);
                info.Write(data);
                break;
            case SmpAttribute.PortInfo:
                var wanted = Wanted(node.Ports[request.Port]!);
                wanted.State = request.State;
                wanted.Write(data);
                break;
            case SmpAttribute.PKeyTable:
                var keys = Block(node.Ports[request.Port]!.WantedKeys!, (int)(request.Modifier & 0xFFFF));
                for (var i = 0; i < keys.Length; i++) SmpTables.SetPKey(data, i, new(keys[i]));
                break;
            case SmpAttribute.LinearForwardingTable:
                node.Linear.AsSpan((int)request.Modifier * SmpTables.LidsPerBlock, SmpTables.LidsPerBlock).CopyTo(data);
                break;
            case SmpAttribute.MulticastForwardingTable:
                var masks = node.Multicast[request.Modifier];
                for (var i = 0; i < masks.Length; i++) SmpTables.SetPortMask(data, i, masks[i]);
                break;
            case SmpAttribute.SlToVlMappingTable or SmpAttribute.VlArbitrationTable:
                WriteLanes(request, node.Ports[request.Port]!, data);
                break;
        }
    }

    // What could not be written is unknown: the next sweep writes it again.
    private void Forget(in SweepRequest request)
    {
        var node = inventory.Nodes[request.Node];
        if (request.Attribute == SmpAttribute.LinearForwardingTable) node.HasStaleTables = true;
        if (request.Attribute == SmpAttribute.MulticastForwardingTable) node.Multicast.Remove(request.Modifier);
        if (request.Attribute is SmpAttribute.SlToVlMappingTable or SmpAttribute.VlArbitrationTable) node.Ports[request.Port]!.OrderedLanes = 0;
    }
}
