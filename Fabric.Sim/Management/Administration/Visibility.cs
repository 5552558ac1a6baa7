using Weft.Fabric.Sim.Management.Sweeps;

namespace Weft.Fabric.Sim.Management.Administration;

/// <summary>Which ports may know of each other: those that share a partition, at least one of them as full member. IBA Vol 1 §15.4.1.2, o15-0.1.21.</summary>
internal static class Visibility
{
    public static bool MayKnow(ManagedPort requester, ManagedPort subject, SubnetInventory inventory) =>
        requester == subject || requester == inventory.Own || SharedKey(requester, subject) is not null;

    /// <summary>The first key of <paramref name="from"/> that lets it talk to <paramref name="to"/>; null when there is none.</summary>
    public static PKey? SharedKey(ManagedPort from, ManagedPort to)
    {
        foreach (var key in Keys(from))
            if (Admits(to, new(key))) return new(key);
        return null;
    }

    /// <summary>The key of a partition in a port's table, full membership before limited; null when it is no member.</summary>
    public static PKey? KeyOf(ManagedPort port, PKey partition)
    {
        PKey? found = null;
        foreach (var key in Keys(port))
            if ((key & 0x7FFF) == partition.Partition && key != 0 && found is not { IsFullMember: true }) found = new(key);
        return found;
    }

    private static bool Admits(ManagedPort port, PKey key)
    {
        foreach (var own in Keys(port))
            if (new PKey(own).Matches(key)) return true;
        return false;
    }

    private static ReadOnlySpan<ushort> Keys(ManagedPort port) => port.WantedKeys ?? port.Keys;
}
