using System.Numerics;

namespace Weft.Fabric.Sim.Management.Routing;

/// <summary>
/// Looks for a cycle in the channel dependency graph: buffers that could wait for one another in a ring. A channel is one direction of a
/// cable between switches; it depends on the next one of every path between adapters that uses it. Dally and Seitz, 1987. One virtual lane
/// is assumed, which is what every service level maps to unless somebody says otherwise.
/// </summary>
public static class DeadlockCheck
{
    private const int Words = 4;

    /// <summary>A ring of channels, or null when the tables can not deadlock.</summary>
    public static IReadOnlyList<(int Switch, byte Port)>? FindCycle(RoutingTables tables)
    {
        var graph = tables.Graph;
        var next = Dependencies(tables);
        var (state, owners) = (new byte[graph.Ports], Owners(graph));
        var path = new List<int>();
        for (var channel = 0; channel < graph.Ports; channel++)
        {
            if (state[channel] != 0) continue;
            if (Search(graph, next, owners, state, channel, path)) return path.ConvertAll(c => (owners[c], (byte)(c - graph.PortIndex(owners[c], 0))));
        }
        return null;
    }

    // For each channel the ports over which its packets leave the switch that it leads to: 256 bits.
    private static ulong[] Dependencies(RoutingTables tables)
    {
        var graph = tables.Graph;
        var next = new ulong[graph.Ports * Words];
        var sources = new List<int>();
        var hasAdapter = new bool[graph.Switches];
        foreach (var end in graph.EndPorts)
            if (!end.IsSwitch && !hasAdapter[end.Switch])
            {
                hasAdapter[end.Switch] = true;
                sources.Add(end.Switch);
            }
        var seen = new int[graph.Switches];
        foreach (var end in graph.EndPorts)
        {
            if (end.IsSwitch) continue;
            for (var lid = end.Lid.Value; lid < end.Lid.Value + end.LidCount; lid++)
                foreach (var source in sources)
                    Follow(tables, source, lid, seen, next);
        }
        return next;
    }

    private static void Follow(RoutingTables tables, int at, int lid, int[] seen, ulong[] next)
    {
        var graph = tables.Graph;
        while (seen[at] != lid)
        {
            seen[at] = lid;
            var port = tables[at][lid];
            if (port == 0 || port == RoutingTables.Unreachable) return;
            var peer = graph.Peer(at, port);
            if (peer < 0) return;
            var onward = tables[peer][lid];
            if (onward is not 0 and not RoutingTables.Unreachable && graph.Peer(peer, onward) >= 0)
                next[graph.PortIndex(at, port) * Words + (onward >> 6)] |= 1UL << onward;
            at = peer;
        }
    }

    private static int[] Owners(SwitchGraph graph)
    {
        var owners = new int[graph.Ports];
        for (var at = 0; at < graph.Switches; at++) owners.AsSpan(graph.PortIndex(at, 0), graph.PortCount(at) + 1).Fill(at);
        return owners;
    }

    // Depth first without recursion; each step takes one bit away, so every dependency is looked at once.
    private static bool Search(SwitchGraph graph, ulong[] next, int[] owners, byte[] state, int start, List<int> path)
    {
        path.Add(start);
        state[start] = 1;
        while (path.Count > 0)
        {
            var channel = path[^1];
            var follower = Take(graph, next, owners, channel);
            if (follower < 0)
            {
                state[channel] = 2;
                path.RemoveAt(path.Count - 1);
            }
            else if (state[follower] == 1)
            {
                path.RemoveRange(0, path.IndexOf(follower));
                return true;
            }
            else if (state[follower] == 0)
            {
                state[follower] = 1;
                path.Add(follower);
            }
        }
        return false;
    }

    private static int Take(SwitchGraph graph, ulong[] next, int[] owners, int channel)
    {
        for (var word = 0; word < Words; word++)
        {
            ref var bits = ref next[channel * Words + word];
            if (bits == 0) continue;
            var port = word * 64 + BitOperations.TrailingZeroCount(bits);
            bits &= bits - 1;
            var at = owners[channel];
            return graph.PortIndex(graph.Peer(at, channel - graph.PortIndex(at, 0)), port);
        }
        return -1;
    }
}
