using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Memory;

/// <summary>A place in a scatter/gather list.</summary>
internal struct SgePosition
{
    public int Index;
    public uint Offset;

    /// <summary>The place <paramref name="bytes"/> after the list's beginning.</summary>
    public static SgePosition At(ReadOnlySpan<Sge> list, uint bytes)
    {
        var position = default(SgePosition);
        while (position.Index < list.Length && bytes >= list[position.Index].Length)
            bytes -= list[position.Index++].Length;
        position.Offset = bytes;
        return position;
    }
}

/// <summary>Copies between packets and the memory that scatter/gather lists name, checking each key on every use.</summary>
internal static class ScatterGather
{
    /// <summary>Whether every element of a list names memory that may be used so. Zero-length elements are not checked. IBA Vol 1 §10.8.4.</summary>
    public static bool IsAllowed(MemoryTable table, ProtectionDomain domain, ReadOnlySpan<Sge> list, AccessFlags need)
    {
        foreach (ref readonly var sge in list)
            if (sge.Length != 0 && !table.TryLocal(sge.Key, domain, sge.Address, sge.Length, need, out _, out _)) return false;
        return true;
    }

    public static ulong TotalLength(ReadOnlySpan<Sge> list)
    {
        var total = 0UL;
        foreach (ref readonly var sge in list) total += sge.Length;
        return total;
    }

    /// <summary>Fills <paramref name="target"/> from the list and moves on; false when a key is no longer good.</summary>
    public static bool Gather(MemoryTable table, ProtectionDomain domain, ReadOnlySpan<Sge> list, ref SgePosition position, Span<byte> target)
    {
        while (target.Length > 0)
        {
            if (position.Index >= list.Length) return false;
            ref readonly var sge = ref list[position.Index];
            var n = (int)Math.Min(sge.Length - position.Offset, (uint)target.Length);
            if (n > 0)
            {
                if (!table.TryLocal(sge.Key, domain, sge.Address + position.Offset, (uint)n, AccessFlags.None, out var region, out var offset)) return false;
                region.CopyTo(offset, target[..n]);
            }
            Advance(ref position, sge.Length, n);
            target = target[n..];
        }
        return true;
    }

    /// <summary>Stores <paramref name="source"/> into the list and moves on; false when a key is no longer good or the list is too short.</summary>
    public static bool Scatter(MemoryTable table, ProtectionDomain domain, ReadOnlySpan<Sge> list, ref SgePosition position, ReadOnlySpan<byte> source)
    {
        while (source.Length > 0)
        {
            if (position.Index >= list.Length) return false;
            ref readonly var sge = ref list[position.Index];
            var n = (int)Math.Min(sge.Length - position.Offset, (uint)source.Length);
            if (n > 0)
            {
                if (!table.TryLocal(sge.Key, domain, sge.Address + position.Offset, (uint)n, AccessFlags.LocalWrite, out var region, out var offset)) return false;
                region.CopyFrom(offset, source[..n]);
            }
            Advance(ref position, sge.Length, n);
            source = source[n..];
        }
        return true;
    }

    private static void Advance(ref SgePosition position, uint elementLength, int n)
    {
        position.Offset += (uint)n;
        if (position.Offset < elementLength) return;
        position.Index++;
        position.Offset = 0;
    }
}
