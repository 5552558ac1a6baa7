using System.Runtime.InteropServices;

namespace Weft.Protocol.Analysis;

/// <summary>
/// The R_Keys that commands of one connection advertise, and whether a command that is not yet answered still stands behind each. Several
/// commands may share a key.
/// </summary>
internal sealed class KeyBook
{
    private struct Entry
    {
        /// <summary>Unanswered commands that advertise the key.</summary>
        public int Users;
        public bool IsInvalidated;
        /// <summary>The last advertised range.</summary>
        public ulong Address;
        public ulong Size;
    }

    private readonly Dictionary<uint, Entry> entries = [];

    public void Advertise(RKey key, ulong address, ulong size)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(entries, key.Value, out _);
        entry.Users++;
        entry.IsInvalidated = false;
        (entry.Address, entry.Size) = (address, size);
    }

    /// <summary>The command is over.</summary>
    public void Release(RKey key)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(entries, key.Value);
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry) && entry.Users > 0) entry.Users--;
    }

    public void Invalidate(RKey key)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(entries, key.Value, out _);
        entry.IsInvalidated = true;
    }

    /// <summary>What is wrong with an RDMA operation on a key, or null.</summary>
    /// <param name="knowsAll">All advertisements were seen, so that an unknown key is an invented one.</param>
    /// <param name="checksRange">A user has one range only.</param>
    public string? Check(RKey key, ulong address, uint size, bool knowsAll, bool checksRange, out bool isStale)
    {
        isStale = false;
        if (!entries.TryGetValue(key.Value, out var entry)) return knowsAll ? $"key {key}, which no command has advertised" : null;
        if (entry.IsInvalidated || entry.Users == 0)
        {
            isStale = true;
            return $"key {key} after {(entry.IsInvalidated ? "it was invalidated" : "the command that advertised it was answered")}";
        }
        if (checksRange && entry.Users == 1 && (address < entry.Address || address - entry.Address + size > entry.Size))
            return $"0x{address:x}+{size} with key {key}, which was advertised for 0x{entry.Address:x}+{entry.Size}";
        return null;
    }
}
