using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Memory;

/// <summary>
/// The device's keys. Index 0 is never given out, so that key 0 names nothing. An index that is used again gets another low byte,
/// so that a stale key fails.
/// </summary>
internal sealed class MemoryTable(int capacity)
{
    private readonly Queue<int> free = new();
    private MemoryEntry?[] entries = new MemoryEntry?[16];
    private byte[] lowBytes = new byte[16];
    private int used = 1;

    public int Count => used - 1 - free.Count;

    /// <summary>Gives an entry its index and first key.</summary>
    /// <exception cref="VerbsException">The table is full.</exception>
    public void Add(MemoryEntry entry)
    {
        if (!free.TryDequeue(out var index))
        {
            if (used > capacity) throw new VerbsException(new(VerbsErrorCode.OutOfResources, $"{capacity} memory keys are in use"));
            index = used++;
            if (index == entries.Length)
            {
                Array.Resize(ref entries, index * 2);
                Array.Resize(ref lowBytes, index * 2);
            }
        }
        entries[index] = entry;
        entry.Key = (uint)index << 8 | lowBytes[index]++;
    }

    public void Remove(MemoryEntry entry)
    {
        var index = (int)(entry.Key >> 8);
        entry.IsUsable = false;
        entries[index] = null;
        free.Enqueue(index);
    }

    /// <summary>The usable entry whose key matches in all 32 bits.</summary>
    public MemoryEntry? Find(uint key)
    {
        var index = key >> 8;
        if (index >= (uint)entries.Length) return null;
        var entry = entries[index];
        return entry is not null && entry.Key == key && entry.IsUsable ? entry : null;
    }

    /// <summary>Checks a local scatter/gather element. IBA Vol 1 §10.6.3.1.</summary>
    public bool TryLocal(LKey key, ProtectionDomain domain, ulong address, ulong length, AccessFlags need, out MemoryRegion region, out ulong offset)
    {
        var entry = Find(key.Value);
        if (entry is null || entry.IsWindow || entry.Domain != domain || (need & ~entry.Rights) != 0 || !entry.Covers(address, length))
        {
            region = null!;
            offset = 0;
            return false;
        }
        region = entry.Backing!;
        offset = address - entry.Start;
        return true;
    }

    /// <summary>
    /// Checks a remote access: key, protection domain (or QP, for a type 2 window), permission and range. IBA Vol 1 §9.7.4.1.5, §10.6.3.2.
    /// </summary>
    public bool TryRemote(RKey key, QueuePair qp, ulong address, ulong length, AccessFlags need, out MemoryRegion region, out ulong offset)
    {
        var entry = Find(key.Value);
        if (entry is null || entry.Domain != qp.Domain || (entry.BoundTo is not null && entry.BoundTo != qp)
            || (need & ~entry.Rights) != 0 || !entry.Covers(address, length))
        {
            region = null!;
            offset = 0;
            return false;
        }
        region = entry.Backing!;
        offset = entry.BackingOffset + (address - entry.Start);
        return true;
    }
}
