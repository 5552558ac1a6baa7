namespace Weft.Fabric.Sim.Management.Routing;

/// <summary>
/// Roots for up/down routing, found as OpenSM finds them: a switch from which nine adapters in ten are equally far, and no second distance
/// has more than one in twenty, is the top of a tree. Where there is none such the most central switch is the root.
/// </summary>
public static class RootFinder
{
    public static IReadOnlyList<int> Find(SwitchGraph graph)
    {
        var weights = new int[graph.Switches];
        var total = 0;
        foreach (var end in graph.EndPorts)
            if (!end.IsSwitch)
            {
                weights[end.Switch]++;
                total++;
            }
        var roots = new List<int>();
        var (hops, queue, bars) = (new int[graph.Switches], new int[graph.Switches], new int[graph.Switches + 1]);
        var (central, shortest) = (0, int.MaxValue);
        for (var at = 0; at < graph.Switches; at++)
        {
            var reached = graph.Measure(at, hops, queue);
            Array.Clear(bars);
            foreach (var other in queue.AsSpan(0, reached)) bars[hops[other]] += weights[other];
            var (high, low) = (0, 0);
            foreach (var bar in bars)
            {
                if (bar * 10L > total * 9L) high++;
                if (bar * 20L > total) low++;
            }
            if (total > 0 && high == 1 && low == 1) roots.Add(at);
            var farthest = hops[queue[reached - 1]];
            if (farthest < shortest) (central, shortest) = (at, farthest);
        }
        if (roots.Count == 0 && graph.Switches > 0) roots.Add(central);
        return roots;
    }
}
