using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Engine.Sa;
using Weft.Fabric.Verbs;
using Weft.Protocol.Mad.DeviceManagement;
using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Engine.Management;

/// <summary>
/// Finds SRP targets as ibsrpdm and srp_daemon do: asks the subnet administration which ports have device management, then what their GIDs
/// are and which keys of the own port lead there, then each of them, by each such key, for its controllers.
/// </summary>
public sealed class TargetDiscovery(SaTableClient administration, DeviceManagementClient management, IbPort port)
{
    private const uint HasDeviceManagement = 1u << 19, MatchesBits = 0x8000_0000;
    private readonly List<DiscoveredPort> found = [];
    private readonly Queue<(Lid Lid, ulong Prefix)> waiting = [];
    private readonly Queue<PKey> keys = [];
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
        foreach (var key in port.Settings.PKeys)
            if (key.Partition != 0) keys.Enqueue(key);
        NextKey(lid, gid, table.Problem);
    }

    private void NextKey(Lid lid, Gid gid, string? problem)
    {
        if (problem is not null || !keys.TryDequeue(out var key))
        {
            keys.Clear();
            Next(problem);
            return;
        }
        var path = new PathRecord { SourceLid = port.Lid, DestinationLid = lid, PKey = key };
        administration.Ask(path, [nameof(PathRecord.SourceLid), nameof(PathRecord.DestinationLid), nameof(PathRecord.PKey)], 0, table => OnPath(lid, gid, key, table));
    }

    private void OnPath(Lid lid, Gid gid, PKey key, SaTable table)
    {
        if (table.Count == 0)
        {
            NextKey(lid, gid, table.Problem); // not shared with it
            return;
        }
        var shared = table.Record<PathRecord>(0).PKey;
        var path = new AddressVector(port.GidAt(0), gid, port.Number, DestinationLid: lid, IsGlobal: false, PKeyIndex: (ushort)port.IndexOf(key));
        management.Ask(path, query =>
        {
            found.Add(new(lid, gid, shared, query));
            NextKey(lid, gid, null);
        });
    }
}
