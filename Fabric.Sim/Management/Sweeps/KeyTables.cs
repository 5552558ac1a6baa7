using Weft.Fabric.Sim.Management.Partitions;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>
/// What P_Key tables shall hold. A key that a table has already stays at its index, since connections name keys by index; index 0 alone is
/// for the key that the policy puts there. A switch port gets the partitions of the adapter that it faces, and enforces them: as full member,
/// so that what a limited member sends passes; whether two limited members meet is for the receiver to see.
/// </summary>
internal static class KeyTables
{
    public static void Plan(SubnetInventory inventory, PartitionPolicy policy)
    {
        foreach (var port in inventory.EndPorts)
        {
            if (port.Keys is null) continue;
            var keys = policy.KeysOf(port.Guid, port.Node.Kind, port == inventory.Own);
            port.WantedKeys = Merge(port.Keys, keys);
            if (port.Peer is { Node.IsSwitch: true, Keys: { } facing } peer && !port.Node.IsSwitch) peer.WantedKeys = Merge(facing, Gate(keys));
        }
    }

    private static List<PKey> Gate(List<PKey> keys) => keys.ConvertAll(k => new PKey((ushort)(k.Value | 0x8000))).Distinct().ToList();

    /// <summary>The table with exactly these keys, moved as little as can be. Keys beyond its room are left out.</summary>
    internal static ushort[] Merge(ReadOnlySpan<ushort> current, List<PKey> keys)
    {
        var table = new ushort[current.Length];
        if (keys.Count == 0 || table.Length == 0) return table;
        table[0] = keys[0].Value;
        for (var i = 1; i < table.Length; i++)
            if (current[i] != 0 && keys.Contains(new(current[i])) && !table.AsSpan().Contains(current[i])) table[i] = current[i];
        var free = 1;
        foreach (var key in keys)
        {
            if (table.AsSpan().Contains(key.Value)) continue;
            while (free < table.Length && table[free] != 0) free++;
            if (free == table.Length) break;
            table[free] = key.Value;
        }
        return table;
    }

    /// <summary>Blocks of a port's table that the device has room for.</summary>
    public static int Blocks(ManagedPort port)
    {
        var entries = port.IsEndPort ? port.Node.Info.PartitionCap : port.Node.Switch.PartitionEnforcementCap;
        return (entries + SmpTables.PKeysPerBlock - 1) / SmpTables.PKeysPerBlock;
    }
}
