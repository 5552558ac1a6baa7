namespace Weft.Fabric.Sim.Links;

/// <summary>
/// Whose turn it is among the data lanes of a port: two tables of lanes and weights, the high one first up to its limit, each a weighted
/// round. Lane 15 is not its business. IBA Vol 1 §7.6.9.
/// </summary>
internal sealed class LaneArbiter
{
    /// <summary>A lane and how many blocks of 64 bytes it may send in its turn; weight 0 skips the entry.</summary>
    public readonly record struct Entry(byte Lane, byte Weight);

    private const int BlocksPerLimit = 64; // the limit counts 4 KiB
    private const byte NoLimit = 255;

    private readonly Round high, low;
    private readonly byte highLimit;
    private int highLeft;

    /// <param name="highLimit">How much the high table may send while the low one waits, in units of 4096 bytes; 0: one packet, 255: all.</param>
    public LaneArbiter(ReadOnlySpan<Entry> high, ReadOnlySpan<Entry> low, byte highLimit)
    {
        (this.high, this.low, this.highLimit) = (new([.. high]), new([.. low]), highLimit);
        highLeft = Allowance;
    }

    /// <summary>Every lane alike.</summary>
    public static LaneArbiter Even()
    {
        var entries = new Entry[15];
        for (byte lane = 0; lane < entries.Length; lane++) entries[lane] = new(lane, 64);
        return new([], entries, 0);
    }

    private int Allowance => Math.Max(1, highLimit * BlocksPerLimit);

    /// <summary>Picks one of the lanes that could send, and charges it.</summary>
    /// <param name="ready">Bit n: lane n has a frame and the credits for it.</param>
    /// <param name="blocks">Length of each lane's frame.</param>
    /// <returns>A lane, or -1 when none is in a table: such a lane never sends.</returns>
    public int Next(int ready, ReadOnlySpan<int> blocks)
    {
        var isLowWaiting = low.Has(ready);
        if (high.Has(ready) && (highLimit == NoLimit || highLeft > 0 || !isLowWaiting))
        {
            var lane = high.Next(ready, blocks);
            if (isLowWaiting) highLeft -= blocks[lane];
            return lane;
        }
        highLeft = Allowance;
        return isLowWaiting ? low.Next(ready, blocks) : -1;
    }

    /// <summary>One table and where its round stands.</summary>
    private sealed class Round(Entry[] entries)
    {
        private int at;
        private int left = entries.Length > 0 ? entries[0].Weight : 0;

        public bool Has(int ready)
        {
            foreach (var entry in entries)
                if (entry.Weight > 0 && (ready >> entry.Lane & 1) != 0) return true;
            return false;
        }

        public int Next(int ready, ReadOnlySpan<int> blocks)
        {
            // A lane keeps its turn while weight is left; the last packet of a turn may exceed it.
            while (left <= 0 || (ready >> entries[at].Lane & 1) == 0)
            {
                at = (at + 1) % entries.Length;
                left = entries[at].Weight;
            }
            left -= blocks[entries[at].Lane];
            return entries[at].Lane;
        }
    }
}
