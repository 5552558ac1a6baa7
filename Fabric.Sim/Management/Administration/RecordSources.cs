using System.Buffers.Binary;
using Weft.Fabric.Sim.Management.Sweeps;
using Weft.Protocol.Mad.Sa;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Administration;

/// <summary>Records that only repeat what the sweep has read or written: nodes, ports, links, managers, tables.</summary>
internal static class RecordSources
{
    private const uint MatchCapabilities = 0x8000_0000;

    public static ushort Find(SubnetInventory inventory, SubnetManager manager, in SaRequest request, RecordList list)
    {
        foreach (var end in Subjects(inventory, request))
        {
            if (!Visibility.MayKnow(request.Requester!, end, inventory)) continue;
            switch (request.Attribute)
            {
                case SaAttribute.NodeRecord: Node(end, list); break;
                case SaAttribute.PortInfoRecord: Ports(end, request, list); break;
                case SaAttribute.LinkRecord: Links(end, request, list, inventory); break;
                case SaAttribute.SmInfoRecord: Manager(end, inventory, manager, list); break;
                case SaAttribute.PKeyTableRecord: Keys(end, list); break;
                case SaAttribute.SlToVlMappingRecord: Lanes(end, manager.Qos, list); break;
                case SaAttribute.VlArbitrationRecord: Arbitration(end, manager.Qos, list); break;
                case SaAttribute.GuidInfoRecord: Guids(end, list); break;
                case SaAttribute.SwitchInfoRecord: Switch(end, list); break;
                case SaAttribute.LinearForwardingTableRecord: Linear(end, list); break;
                case SaAttribute.MulticastForwardingTableRecord: Multicast(end, list); break;
                default: return SaStatus.MethodAttributeNotSupported;
            }
        }
        return SaStatus.Ok;
    }

    // Every one of these records begins with the LID of its port, and bit 0 of the mask asks for it.
    private static IEnumerable<ManagedPort> Subjects(SubnetInventory inventory, in SaRequest request)
    {
        if ((request.Mask & 1) == 0) return inventory.EndPorts;
        var lid = new Lid(BinaryPrimitives.ReadUInt16BigEndian(request.Record));
        return inventory.FindPort(lid) is { } port && port.Lid == lid ? [port] : [];
    }

    private static Span<byte> Begin(ManagedPort end, RecordList list)
    {
        var record = list.Begin();
        BinaryPrimitives.WriteUInt16BigEndian(record, end.Lid.Value);
        return record;
    }

    private static void Node(ManagedPort end, RecordList list)
    {
        var record = Begin(end, list);
        var info = end.Node.Info;
        (info.PortGuid, info.LocalPortNum) = (end.Guid, end.Number);
        info.Bytes[..40].CopyTo(record[4..]);
        end.Node.Description.CopyTo(record[44..]);
        list.Commit();
    }

    private static void Ports(ManagedPort end, in SaRequest request, RecordList list)
    {
        var asked = MemoryMask(request);
        foreach (var port in end.Node.IsSwitch ? end.Node.Ports : [end])
        {
            if (port is not { IsKnown: true } || (asked & ~(uint)port.Info.Capabilities) != 0) continue;
            var record = Begin(end, list);
            record[2] = port.Number;
            port.Info.Bytes.CopyTo(record[4..]);
            record[4..12].Clear(); // the M_Key is nobody's business
            if (asked == 0) list.Commit();
            else if (list.Table.Matches(record, request.Record, request.Mask & ~PortInfoRecord.Table.Mask("CapabilityMask"))) list.Add(record);
        }
    }

    /// <summary>With bit 31 of the modifier the capability mask of a query names bits that must be set, instead of a value.</summary>
    private static uint MemoryMask(in SaRequest request) =>
        (request.Header.AttributeModifier & MatchCapabilities) != 0 && (request.Mask & PortInfoRecord.Table.Mask("CapabilityMask")) != 0
        && PortInfoRecord.TryRead(request.Record, out var template) ? template.CapabilityMask : 0;

    private static void Links(ManagedPort end, in SaRequest request, RecordList list, SubnetInventory inventory)
    {
        foreach (var port in end.Node.IsSwitch ? end.Node.Ports : [end])
        {
            if (port is not { IsLinkUp: true, Peer: { } peer }) continue;
            var far = peer.IsEndPort ? peer : peer.Node.Ports[0]!;
            if (!Visibility.MayKnow(request.Requester!, far, inventory)) continue;
            new LinkRecord { FromLid = end.Lid, FromPort = port.Number, ToPort = peer.Number, ToLid = far.Lid }.Write(list.Begin());
            list.Commit();
        }
    }

    private static void Manager(ManagedPort end, SubnetInventory inventory, SubnetManager manager, RecordList list)
    {
        if ((end == inventory.Own ? manager.Describe() : end.Manager) is not { } info) return;
        var record = Begin(end, list);
        info.Bytes[..21].CopyTo(record[4..]);
        record[12..20].Clear(); // nor is the SM_Key
        list.Commit();
    }

    private static void Keys(ManagedPort end, RecordList list)
    {
        foreach (var port in end.Node.IsSwitch ? end.Node.Ports : [end])
        {
            if ((port?.WantedKeys ?? port?.Keys) is not { } keys) continue;
            for (var block = 0; block * SmpTables.PKeysPerBlock < keys.Length; block++)
            {
                var record = Begin(end, list);
                BinaryPrimitives.WriteUInt16BigEndian(record[2..], (ushort)block);
                record[4] = end.Node.IsSwitch ? port!.Number : (byte)0;
                for (var i = 0; i < SmpTables.PKeysPerBlock; i++) SmpTables.SetPKey(record[8..], i, new(keys[block * SmpTables.PKeysPerBlock + i]));
                list.Commit();
            }
        }
    }

    private static IEnumerable<ManagedPort> Ordered(ManagedPort end) => (end.Node.IsSwitch ? end.Node.Ports : [end]).OfType<ManagedPort>().Where(port => port.OrderedLanes != 0);

    // Lanes that nobody has ordered are not known. On an adapter both ports of the record are 0.
    private static void Lanes(ManagedPort end, QosPolicy? qos, RecordList list)
    {
        foreach (var port in Ordered(end))
        {
            for (var from = 0; from < (end.Node.IsSwitch ? end.Node.Ports.Length : 1); from++)
            {
                var record = Begin(end, list);
                if (end.Node.IsSwitch) (record[2], record[3]) = ((byte)from, port.Number);
                qos!.WriteLanes(record[8..], port.OrderedLanes);
                list.Commit();
            }
        }
    }

    private static void Arbitration(ManagedPort end, QosPolicy? qos, RecordList list)
    {
        foreach (var port in Ordered(end))
        {
            foreach (var (first, capacity) in ((int, int)[])[(1, port.Info.VlArbitrationLowCap), (3, port.Info.VlArbitrationHighCap)])
            {
                for (var part = 0; part * SmpTables.ArbitrationEntriesPerPart < capacity; part++)
                {
                    var record = Begin(end, list);
                    (record[2], record[3]) = (end.Node.IsSwitch ? port.Number : (byte)0, (byte)(first + part));
                    qos!.WriteArbitration(record[8..], first + part, port.OrderedLanes, capacity);
                    list.Commit();
                }
            }
        }
    }

    private static void Guids(ManagedPort end, RecordList list)
    {
        SmpTables.SetGuid(Begin(end, list)[8..], 0, end.Guid);
        list.Commit();
    }

    private static void Switch(ManagedPort end, RecordList list)
    {
        if (!end.Node.IsSwitch) return;
        end.Node.Switch.Bytes[..20].CopyTo(Begin(end, list)[4..]);
        list.Commit();
    }

    private static void Linear(ManagedPort end, RecordList list)
    {
        if (end.Node.Linear is not { } table) return;
        for (var block = 0; block * SmpTables.LidsPerBlock < table.Length; block++)
        {
            var record = Begin(end, list);
            BinaryPrimitives.WriteUInt16BigEndian(record[2..], (ushort)block);
            table.AsSpan(block * SmpTables.LidsPerBlock, SmpTables.LidsPerBlock).CopyTo(record[8..]);
            list.Commit();
        }
    }

    private static void Multicast(ManagedPort end, RecordList list)
    {
        foreach (var (key, masks) in end.Node.Multicast.OrderBy(m => m.Key))
        {
            var record = Begin(end, list);
            BinaryPrimitives.WriteUInt16BigEndian(record[2..], (ushort)(key >> 28 << 12 | key & 0x1FF));
            for (var i = 0; i < masks.Length; i++) SmpTables.SetPortMask(record[8..], i, masks[i]);
            list.Commit();
        }
    }
}
