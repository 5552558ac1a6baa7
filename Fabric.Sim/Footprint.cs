namespace Weft.Fabric.Sim;

/// <summary>
/// What an event touched: nodes, a switch's table, an output queue. Two events commute when they touch nothing in common, or only read it.
/// A key is a resource number times two, plus one for a write; <see cref="Everything"/> conflicts with all.
/// </summary>
internal struct Footprint
{
    public const ulong Everything = 1;

    private ulong[]? keys;
    public int Count { get; private set; }

    public readonly ReadOnlySpan<ulong> Keys => keys.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(ulong resource, bool isWrite)
    {
        keys ??= new ulong[4];
        for (var i = 0; i < Count; i++)
        {
            if (keys[i] >> 1 != resource) continue;
            if (isWrite) keys[i] |= 1;
            return;
        }
        if (Count == keys.Length) Array.Resize(ref keys, Count * 2);
        keys[Count++] = resource << 1 | (isWrite ? 1u : 0u);
    }

    public void Add(ReadOnlySpan<ulong> others)
    {
        foreach (var key in others) Add(key >> 1, (key & 1) != 0);
    }

    public static bool Conflict(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b)
    {
        foreach (var x in a)
        {
            if (x >> 1 == 0) return true;
            foreach (var y in b)
                if (y >> 1 == 0 || (x >> 1 == y >> 1 && ((x | y) & 1) != 0)) return true;
        }
        return false;
    }
}
