using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>The half of a sweep that asks: over every link that is up to what is behind it, until nothing new is found.</summary>
internal sealed partial class Sweep
{
    public void Write(in SweepRequest request, ulong transaction, SmpMad mad)
    {
        var method = request.IsSet ? MadMethod.Set : MadMethod.Get;
        if (request.Attribute == SmpAttribute.NodeInfo)
        {
            mad.BeginDirected(method, request.Attribute, 0, transaction, request.Node < 0 ? [] : Behind(inventory.Nodes[request.Node].Ports[request.Port]!));
            return;
        }
        var node = inventory.Nodes[request.Node];
        mad.BeginDirected(method, request.Attribute, request.Modifier, transaction, node.RouteTo(request.Port));
        if (request.IsSet) WriteOrder(request, node, mad.Data);
    }

    public void OnAnswer(in SweepRequest request, SmpMad mad)
    {
        if (mad.Status != MadStatus.Ok)
        {
            OnRefused(request);
            return;
        }
        switch (request.Attribute)
        {
            case SmpAttribute.NodeInfo:
                OnNodeInfo(request, mad.Data);
                break;
            case SmpAttribute.NodeDescription:
                mad.Data.CopyTo(inventory.Nodes[request.Node].Description);
                break;
            case SmpAttribute.SwitchInfo:
                OnSwitchInfo(request, inventory.Nodes[request.Node], mad.Data);
                break;
            case SmpAttribute.PortInfo:
                OnPortInfo(request, inventory.Nodes[request.Node], mad.Data);
                break;
            case SmpAttribute.PKeyTable:
                OnKeys(request, mad.Data);
                break;
            case SmpAttribute.SmInfo:
                SmInfo.TryRead(mad.Data, out var manager);
                inventory.Nodes[request.Node].Ports[request.Port]!.Manager = manager;
                break;
        }
    }

    public void OnLost(in SweepRequest request)
    {
        if (request.IsSet) Forget(request);
        else if (Phase == SweepPhase.Look) hasChanged = true;
        else if (IsVital(request)) inventory.Nodes[request.Node].IsBroken = true;
    }

    // A link that another manager, or its own peer, has moved on already may refuse to be activated: it is active then.
    private void OnRefused(in SweepRequest request)
    {
        if (request is { IsSet: true, State: PortState.Active }) return;
        OnLost(request);
        if (request.IsSet) refused++;
    }

    /// <summary>Whether the node can not be managed without this answer.</summary>
    private bool IsVital(in SweepRequest request) => request.Attribute switch
    {
        SmpAttribute.SwitchInfo => true,
        SmpAttribute.PortInfo or SmpAttribute.PKeyTable => inventory.Nodes[request.Node].Ports[(int)(request.Attribute == SmpAttribute.PortInfo ? request.Modifier & 0xFF : request.Port)]?.IsEndPort ?? true,
        _ => false,
    };

    private static byte[] Behind(ManagedPort port) => [.. port.Node.RouteTo(port.Number)!, port.Number];

    private void OnNodeInfo(in SweepRequest request, ReadOnlySpan<byte> data)
    {
        if (!NodeInfo.TryRead(data, out var info) || info.NodeGuid.Value == 0 || info.LocalPortNum > info.NumPorts || info.NumPorts > 254) return;
        var node = inventory.Find(info.NodeGuid);
        var isNew = node is null;
        node ??= inventory.Add(info);
        if (node.Ports.Length <= info.LocalPortNum || node.Ports[info.LocalPortNum] is not { } local) return;
        var route = Array.Empty<byte>();
        if (request.Node < 0) inventory.Own = local;
        else
        {
            var from = inventory.Nodes[request.Node].Ports[request.Port]!;
            (from.Peer, local.Peer) = (local, from);
            route = Behind(from);
            if (route.Length > SmpMad.MaxHops) return;
        }
        if (node.RouteTo(local.Number) is not null) return;
        node.SetRoute(local.Number, route);
        if (isNew) exchange.Add(new(SmpAttribute.NodeDescription, false, node.Index, local.Number));
        if (!node.IsSwitch)
        {
            local.Guid = info.PortGuid;
            exchange.Add(new(SmpAttribute.PortInfo, false, node.Index, local.Number, local.Number));
        }
        else if (isNew) exchange.Add(new(SmpAttribute.SwitchInfo, false, node.Index, 0));
    }

    // The change bit is cleared before the ports are read: what changes later sets it again, and the next look finds it.
    private void OnSwitchInfo(in SweepRequest request, ManagedNode node, ReadOnlySpan<byte> data)
    {
        SwitchInfo.TryRead(data, out var info);
        if (Phase == SweepPhase.Look) hasChanged |= info.PortStateChange;
        node.Switch = info;
        if (Phase != SweepPhase.Discover) return;
        if (!request.IsSet && info.PortStateChange)
        {
            exchange.Add(new(SmpAttribute.SwitchInfo, true, node.Index, 0));
            return;
        }
        if (previous?.Find(node.Guid) is { } before) (node.Linear, node.Multicast) = (before.HasStaleTables ? null : before.Linear, before.Multicast);
        for (var number = 0; number < node.Ports.Length; number++) exchange.Add(new(SmpAttribute.PortInfo, false, node.Index, 0, (uint)number));
    }

    private void OnPortInfo(in SweepRequest request, ManagedNode node, ReadOnlySpan<byte> data)
    {
        var port = node.Ports[(int)(request.Modifier & 0xFF)]!;
        PortInfo.TryRead(data, out port.Info);
        port.IsKnown = true;
        if (request.IsSet) return;
        if (port.Number == 0 && port.Info.Lid == Lid.None) (node.Linear, node.Multicast) = (null, []); // it has forgotten everything
        if (port.Number != 0 && port.IsLinkUp && port.Peer is null && (node.IsSwitch || port == inventory.Own))
            exchange.Add(new(SmpAttribute.NodeInfo, false, node.Index, port.Number));
    }

    private void OnKeys(in SweepRequest request, ReadOnlySpan<byte> data)
    {
        var port = inventory.Nodes[request.Node].Ports[request.Port]!;
        port.Keys ??= new ushort[KeyTables.Blocks(port) * SmpTables.PKeysPerBlock];
        var first = (int)(request.Modifier & 0xFFFF) * SmpTables.PKeysPerBlock;
        for (var i = 0; i < SmpTables.PKeysPerBlock; i++) port.Keys[first + i] = SmpTables.PKey(data, i).Value;
    }

    private void AskManagers()
    {
        foreach (var port in inventory.EndPorts)
            if (port != inventory.Own && (port.Info.Capabilities & PortCapabilities.IsSm) != 0)
                exchange.Add(new(SmpAttribute.SmInfo, false, port.Node.Index, port.Number));
    }

    private void AskKeys()
    {
        foreach (var port in inventory.EndPorts)
        {
            AskKeys(port);
            if (!port.Node.IsSwitch && port.Peer is { Node.IsSwitch: true } facing) AskKeys(facing);
        }
    }

    private void AskKeys(ManagedPort port)
    {
        var high = port.Node.IsSwitch ? (uint)port.Number << 16 : 0;
        for (var block = 0u; block < KeyTables.Blocks(port); block++) exchange.Add(new(SmpAttribute.PKeyTable, false, port.Node.Index, port.Number, high | block));
    }
}
