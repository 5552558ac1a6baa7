using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Performance;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>
/// Performance management agent of every node: shows the counters of its ports and sets them. Counters stop at the highest value that
/// their field holds. IBA Vol 1 §16.1.
/// </summary>
public static class PerformanceAgent
{
    private delegate ref ulong Counter(ref PortCounters counters);

    /// <summary>The counter for each field of the table behind the two that select.</summary>
    private static readonly Counter[] Basic =
    [
        (ref c) => ref c.SymbolErrors, (ref c) => ref c.LinkRecoveries, (ref c) => ref c.LinkDowned, (ref c) => ref c.RcvErrors,
        (ref c) => ref c.RcvRemotePhysicalErrors, (ref c) => ref c.RcvSwitchRelayErrors, (ref c) => ref c.XmitDiscards,
        (ref c) => ref c.XmitConstraintErrors, (ref c) => ref c.RcvConstraintErrors, (ref c) => ref c.LocalLinkIntegrityErrors,
        (ref c) => ref c.BufferOverruns, (ref c) => ref c.Vl15Dropped, (ref c) => ref c.XmitData, (ref c) => ref c.RcvData,
        (ref c) => ref c.XmitPackets, (ref c) => ref c.RcvPackets, (ref c) => ref c.XmitWait,
    ];

    private static readonly Counter[] Extended =
    [
        (ref c) => ref c.XmitData, (ref c) => ref c.RcvData, (ref c) => ref c.XmitPackets, (ref c) => ref c.RcvPackets,
        (ref c) => ref c.UnicastXmitPackets, (ref c) => ref c.UnicastRcvPackets, (ref c) => ref c.MulticastXmitPackets, (ref c) => ref c.MulticastRcvPackets,
    ];

    /// <summary>Takes a MAD of class 0x04 that has arrived at a node; on <see cref="AgentAction.Answer"/> it has become the response.</summary>
    public static AgentAction Handle(SubnetPort port, Span<byte> mad)
    {
        if (!MadHeader.TryRead(mad, out var header) || mad.Length < MadHeader.MadLength) return AgentAction.Drop;
        if (header.IsResponse) return AgentAction.Deliver;
        var status = header.Method is not (MadMethod.Get or MadMethod.Set) ? MadStatus.UnsupportedMethod
            : header.ClassVersion != 1 ? MadStatus.BadVersion
            : Serve(port.Node, header, mad[PerformanceMad.DataOffset..]);
        mad[3] = (byte)MadMethod.GetResponse;
        WriteUInt16BigEndian(mad[4..], status);
        return AgentAction.Answer;
    }

    /// <summary>Names that <see cref="TrySetCounter"/> knows.</summary>
    public static string CounterNames => string.Join(", ", CounterFields.Select(f => f.Name));

    private static IEnumerable<MadField> CounterFields => PerformanceMad.PortCounters.Fields[PerformanceMad.FieldsBeforeCounters..][..Basic.Length].ToArray();

    /// <summary>Sets a counter by the name of its field in PortCounters; false when there is none of that name.</summary>
    public static bool TrySetCounter(SubnetPort port, string name, ulong value)
    {
        for (var i = 0; i < Basic.Length; i++)
        {
            if (!PerformanceMad.PortCounters.Fields[PerformanceMad.FieldsBeforeCounters + i].Name.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            Basic[i](ref port.Counters) = value;
            return true;
        }
        return false;
    }

    private static ushort Serve(SubnetNode node, in MadHeader header, Span<byte> data)
    {
        var isSet = header.Method == MadMethod.Set;
        switch ((PerformanceAttribute)header.AttributeId)
        {
            case PerformanceAttribute.ClassPortInfo when !isSet:
                data[..ClassPortInfo.Length].Clear();
                ClassPortInfo.BaseVersion.Write(data, 1);
                ClassPortInfo.ClassVersion.Write(data, 1);
                ClassPortInfo.Capabilities.Write(data,
                    PerformanceMad.AllPortSelectCapability | PerformanceMad.ExtendedCountersCapability | PerformanceMad.XmitWaitCapability);
                return MadStatus.Ok;
            case PerformanceAttribute.PortCounters: return Count(node, PerformanceMad.PortCounters, Basic, data, isSet);
            case PerformanceAttribute.PortCountersExtended: return Count(node, PerformanceMad.PortCountersExtended, Extended, data, isSet);
            default: return MadStatus.UnsupportedAttribute;
        }
    }

    private static ushort Count(SubnetNode node, MadFieldTable table, Counter[] counters, Span<byte> data, bool isSet)
    {
        var select = (byte)PerformanceMad.PortSelect.Read(data);
        if (select != PerformanceMad.AllPorts && node.Find(select) is null) return MadStatus.InvalidField;
        var chosen = (uint)PerformanceMad.CounterSelect.Read(data);
        if (counters.Length > PerformanceMad.SelectableCounters) chosen |= (uint)PerformanceMad.CounterSelect2.Read(data) << PerformanceMad.SelectableCounters;
        for (var i = 0; i < counters.Length; i++)
        {
            var field = table.Fields[PerformanceMad.FieldsBeforeCounters + i];
            var highest = field.Width == 64 ? ulong.MaxValue : (1UL << field.Width) - 1;
            if (isSet && (chosen >> i & 1) != 0) SetAll(node, select, counters[i], field.Read(data));
            field.Write(data, Math.Min(highest, Sum(node, select, counters[i])));
        }
        return MadStatus.Ok;
    }

    private static void SetAll(SubnetNode node, byte select, Counter counter, ulong value)
    {
        foreach (var port in node.Ports)
            if (port is not null && (select == PerformanceMad.AllPorts || port.Number == select)) counter(ref port.Counters) = value;
    }

    private static ulong Sum(SubnetNode node, byte select, Counter counter)
    {
        if (select != PerformanceMad.AllPorts) return counter(ref node[select].Counters);
        var sum = 0UL;
        foreach (var port in node.Ports)
            if (port is not null) sum += counter(ref port.Counters);
        return sum;
    }
}
