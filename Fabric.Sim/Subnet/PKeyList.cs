using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>P_Key table of a port. Allocated only when it differs from the factory's: full membership of the default partition at index 0.</summary>
public sealed class PKeyList
{
    private static readonly PKey[] Factory = [PKey.Default];
    private PKey[] keys = Factory;
    private int used = 1;

    /// <param name="capacity">Entries that the port has room for.</param>
    public PKeyList(int capacity) => Capacity = capacity;

    /// <summary>Entries that the port has room for; a multiple of 32 on the wire, filled up with invalid keys.</summary>
    public int Capacity { get; }

    /// <summary>The key at an index; 0x0000 where none was set.</summary>
    public PKey this[int index] => index < keys.Length ? keys[index] : default;

    /// <summary>Whether a packet with this key may pass: the table holds the same partition, and one of the two is a full member. IBA Vol 1 §10.9.3.</summary>
    public bool Admits(PKey key)
    {
        for (var i = 0; i < used; i++)
            if (keys[i].Matches(key)) return true;
        return false;
    }

    /// <summary>
    /// Whether a switch port passes a packet with this key on: the table holds its partition. Who is a full member is for the end ports to
    /// judge: a manager writes a host's own keys, limited ones too, into the port of the switch that faces it, and what such a host sends
    /// has to get through there. IBA Vol 1 §10.9.2; OpenSM does so.
    /// </summary>
    public bool Passes(PKey key)
    {
        for (var i = 0; i < used; i++)
            if (keys[i].Partition == key.Partition) return key.Partition != 0;
        return false;
    }

    /// <summary>Index of exactly this key, or -1.</summary>
    public int IndexOf(PKey key) => key.Partition == 0 ? -1 : Array.IndexOf(keys, key, 0, used);

    public void ReadBlock(int block, Span<byte> data)
    {
        for (var i = 0; i < SmpTables.PKeysPerBlock; i++) SmpTables.SetPKey(data, i, this[block * SmpTables.PKeysPerBlock + i]);
    }

    /// <summary>Takes a block; entries behind the capacity are ignored.</summary>
    public void WriteBlock(int block, ReadOnlySpan<byte> data)
    {
        var first = block * SmpTables.PKeysPerBlock;
        var count = Math.Min(SmpTables.PKeysPerBlock, Capacity - first);
        if (keys.Length < first + count) Grow(first + count);
        else if (ReferenceEquals(keys, Factory)) keys = [.. Factory];
        for (var i = 0; i < count; i++) keys[first + i] = SmpTables.PKey(data, i);
        used = keys.Length;
        while (used > 0 && keys[used - 1] == default) used--;
    }

    private void Grow(int length)
    {
        var grown = new PKey[length];
        keys.CopyTo(grown, 0);
        keys = grown;
    }
}
