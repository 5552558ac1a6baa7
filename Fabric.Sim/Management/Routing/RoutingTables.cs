namespace Weft.Fabric.Sim.Management.Routing;

/// <summary>The linear forwarding table of every switch, and how evenly they use the ports.</summary>
public sealed class RoutingTables
{
    /// <summary>Entry of a LID that leads nowhere. IBA Vol 1 §14.2.5.11.</summary>
    public const byte Unreachable = 0xFF;
    private readonly byte[][] tables;
    private readonly int[] loads;

    public RoutingTables(SwitchGraph graph)
    {
        Graph = graph;
        MaxLid = graph.MaxLid;
        tables = new byte[graph.Switches][];
        for (var i = 0; i < tables.Length; i++) (tables[i] = new byte[MaxLid / 64 * 64 + 64]).AsSpan().Fill(Unreachable);
        loads = new int[graph.Ports];
    }

    public SwitchGraph Graph { get; }
    public int MaxLid { get; }
    /// <summary>Whole blocks of 64 entries.</summary>
    public ReadOnlySpan<byte> this[int at] => tables[at];

    /// <summary>The table itself, for who keeps it; it does not change any more.</summary>
    internal byte[] TableOf(int at) => tables[at];

    /// <summary>LIDs that are routed through a port.</summary>
    public int Load(int at, int port) => loads[Graph.PortIndex(at, port)];

    /// <summary>The way to an end port on its own switch.</summary>
    internal void SetDirect(in EndPort end)
    {
        for (var i = 0; i < end.LidCount; i++) Set(end.Switch, end.Lid.Value + i, end.Port);
    }

    /// <summary>
    /// Spreads the LIDs of an end port over the ports that lead to it: each over the least used one, and over another than its sisters
    /// where that can be. A port's first choice among equals is the lowest.
    /// </summary>
    internal void Spread(int at, in EndPort end, ReadOnlySpan<byte> candidates)
    {
        var start = Graph.PortIndex(at, 0);
        Span<ulong> taken = stackalloc ulong[4];
        taken.Clear();
        for (var i = 0; i < end.LidCount; i++)
        {
            var (best, bestLoad) = (candidates[0], int.MaxValue);
            foreach (var port in candidates)
            {
                var load = loads[start + port] + ((taken[port >> 6] >> port & 1) != 0 ? 1 << 24 : 0);
                if (load >= bestLoad) continue;
                (best, bestLoad) = (port, load);
            }
            taken[best >> 6] |= 1UL << best;
            Set(at, end.Lid.Value + i, best);
        }
    }

    private void Set(int at, int lid, byte port)
    {
        tables[at][lid] = port;
        loads[Graph.PortIndex(at, port)]++;
    }
}
