using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>Service levels, lanes and arbitration of every link, where the manager has a policy for them. IBA Vol 1 §14.2.5.8, §14.2.5.9.</summary>
internal sealed partial class Sweep
{
    private const int PartsOfPriority = 2;

    private void OrderLanes()
    {
        if (options.Qos is null) return;
        foreach (var node in inventory.Nodes)
        {
            if (node.IsBroken) continue;
            foreach (var port in node.Ports)
            {
                if (port is null || port.Number == 0 || !port.IsLinkUp || port.Peer is null) continue;
                var lanes = Wanted(port).OperationalVls;
                port.OrderedLanes = lanes;
                var isKept = port.Info.State != PortState.Initialize && previous?.Find(node.Guid)?.Ports is { } before && before.Length == node.Ports.Length
                    && before[port.Number]?.OrderedLanes == lanes;
                if (!isKept) OrderLanes(node, port);
            }
        }
    }

    private void OrderLanes(ManagedNode node, ManagedPort port)
    {
        if (node.IsSwitch)
            for (var from = 0; from < node.Ports.Length; from++) exchange.Add(new(SmpAttribute.SlToVlMappingTable, true, node.Index, port.Number, (uint)(from << 8 | port.Number)));
        else exchange.Add(new(SmpAttribute.SlToVlMappingTable, true, node.Index, port.Number));
        OrderArbitration(node, port, 1, port.Info.VlArbitrationLowCap);
        OrderArbitration(node, port, 1 + PartsOfPriority, port.Info.VlArbitrationHighCap);
    }

    private void OrderArbitration(ManagedNode node, ManagedPort port, int part, int capacity)
    {
        for (var left = capacity; left > 0; left -= SmpTables.ArbitrationEntriesPerPart, part++)
            exchange.Add(new(SmpAttribute.VlArbitrationTable, true, node.Index, port.Number, (uint)(part << 16 | port.Number)));
    }

    private void WriteLanes(in SweepRequest request, ManagedPort port, Span<byte> data)
    {
        if (request.Attribute == SmpAttribute.SlToVlMappingTable) options.Qos!.WriteLanes(data, port.OrderedLanes);
        else options.Qos!.WriteArbitration(data, (int)(request.Modifier >> 16), port.OrderedLanes, CapacityOf(port, request.Modifier));
    }

    private static int CapacityOf(ManagedPort port, uint modifier) => modifier >> 16 <= PartsOfPriority ? port.Info.VlArbitrationLowCap : port.Info.VlArbitrationHighCap;
}
