using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Engine.Sa;
using Weft.Fabric.Verbs;
using Weft.Protocol.Mad.DeviceManagement;
using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Engine.Management;

/// <summary>
/// Finds SRP targets as ibsrpdm and srp_daemon do: asks the subnet administration which ports have device management, then what their GIDs
/// are, then each of them for its controllers.
/// </summary>
public sealed class TargetDiscovery(SaTableClient administration, DeviceManagementClient management, IbPort port)
{
    private const uint HasDeviceManagement = 1u << 19, MatchesBits = 0x8000_0000;
    private readonly List<DiscoveredPort> found = [];
    private readonly Queue<(Lid Lid, ulong Prefix)> waiting = [];
    private Action<IReadOnlyList<DiscoveredPort>, string?>? done;

    /// <summary>Begins; the call back comes once, with what was found in the order of the SA's list, and with what went wrong.</summary>
    public void Begin(Action<IReadOnlyList<DiscoveredPort>, string?> onDone)
    {
        found.Clear();
        done = onDone;
        administration.Ask(new PortInfoRecord { CapabilityMask = HasDeviceManagement }, [nameof(PortInfoRecord.CapabilityMask)], MatchesBits, OnPorts);
    }

    private void OnPorts(SaTable table)
    {
        for (var i = 0; i < table.Count; i++)
        {
            var record = table.Record<PortInfoRecord>(i);
            waiting.Enqueue((record.EndportLid, record.GidPrefix));
        }
        Next(table.Problem);
    }

    private void Next(string? problem)
    {
        if (problem is null && waiting.TryDequeue(out var next))
        {
            administration.Ask(new NodeRecord { Lid = next.Lid }, [nameof(NodeRecord.Lid)], 0, table => OnNode(next.Lid, next.Prefix, table));
            return;
        }
        waiting.Clear();
        done!(found, problem);
    }

    private void OnNode(Lid lid, ulong prefix, SaTable table)
    {
        if (table.Count == 0)
        {
            Next(table.Problem); // it has gone meanwhile
            return;
        }
        var gid = new Gid(prefix, table.Record<NodeRecord>(0).PortGuid.Value);
        var path = new AddressVector(port.GidAt(0), gid, port.Number, DestinationLid: lid, IsGlobal: false, PKeyIndex: (ushort)Math.Max(0, port.IndexOf(PKey.Default)));
        management.Ask(path, query =>
        {
            found.Add(new(lid, gid, query));
            Next(null);
        });
    }
}
