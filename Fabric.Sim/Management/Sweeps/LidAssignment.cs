namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>
/// Gives LIDs. A port keeps the one that this manager gave it, and otherwise the one that it has from another manager, so that a change of
/// masters leaves connections alone; two ports never share one. IBA Vol 1 §14.4.5.
/// </summary>
internal sealed class LidAssignment(byte lmc, bool reassigns)
{
    private const int FirstMulticast = 0xC000;
    private readonly Dictionary<ulong, (ushort Lid, int Count)> given = [];
    private readonly bool[] used = new bool[FirstMulticast];
    private int next = 1;

    /// <summary>Assigns all end ports, the manager's own first.</summary>
    /// <returns>Ports that got none: all LIDs are used up.</returns>
    public int Assign(SubnetInventory inventory)
    {
        Array.Clear(used);
        next = 1;
        var refused = 0;
        List<ManagedPort> ports = [inventory.Own, .. inventory.EndPorts.Where(p => p != inventory.Own)];
        foreach (var port in ports) port.Lid = Lid.None;
        foreach (var port in ports)
            if (given.TryGetValue(port.Guid.Value, out var own)) TryKeep(port, own.Lid);
        foreach (var port in ports)
            if (port.Lid == Lid.None && !reassigns) TryKeep(port, port.Info.Lid.Value);
        var absent = Absent(ports);
        foreach (var port in ports)
            if (port.Lid == Lid.None && !TryFind(port)) refused++;
        if (refused == 0 || absent.Count == 0) return refused;
        foreach (var guid in absent) given.Remove(guid); // there is nothing left to keep for them
        return Assign(inventory);
    }

    /// <summary>Ports that were not found this time: one whose answer was lost comes back, with its connections, and must find its LID free.</summary>
    private List<ulong> Absent(List<ManagedPort> ports)
    {
        var present = ports.Select(p => p.Guid.Value).ToHashSet();
        List<ulong> absent = [.. given.Keys.Where(guid => !present.Contains(guid))];
        foreach (var guid in absent) used.AsSpan(given[guid].Lid, given[guid].Count).Fill(true);
        return absent;
    }

    // Port 0 of a switch has one LID, whatever the others have. IBA Vol 1 §14.2.5.6.
    private int CountOf(ManagedPort port) => port.Number == 0 && !port.Node.Switch.EnhancedPort0 ? 1 : 1 << lmc;

    private void TryKeep(ManagedPort port, ushort lid)
    {
        var count = CountOf(port);
        if (lid == 0 || lid % count != 0 || lid + count > FirstMulticast || used.AsSpan(lid, count).Contains(true)) return;
        Give(port, lid, count);
    }

    private bool TryFind(ManagedPort port)
    {
        var count = CountOf(port);
        for (var lid = (next + count - 1) / count * count; lid + count <= FirstMulticast; lid += count)
        {
            if (used.AsSpan(lid, count).Contains(true)) continue;
            if (count == 1 << lmc) next = lid;
            Give(port, (ushort)lid, count);
            return true;
        }
        return false;
    }

    private void Give(ManagedPort port, ushort lid, int count)
    {
        used.AsSpan(lid, count).Fill(true);
        given[port.Guid.Value] = (lid, count);
        (port.Lid, port.Lmc) = (new(lid), (byte)(count == 1 ? 0 : lmc));
    }
}
