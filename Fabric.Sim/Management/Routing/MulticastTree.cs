namespace Weft.Fabric.Sim.Management.Routing;

/// <summary>
/// The tree of one multicast group: from the switch that is nearest to the members on average, shortest ways, without branches that
/// lead to no member. IBA Vol 1 §14.4.3.
/// </summary>
public sealed class MulticastTree
{
    private readonly Dictionary<int, List<byte>> ports = [];

    private MulticastTree(int root) => Root = root;

    /// <summary>Where the tree starts; -1 for a group without members.</summary>
    public int Root { get; }
    /// <summary>Switches of the tree, in rising order, each with its ports in rising order.</summary>
    public IEnumerable<(int Switch, IReadOnlyList<byte> Ports)> Entries => ports.OrderBy(p => p.Key).Select(p => (p.Key, (IReadOnlyList<byte>)p.Value));

    /// <param name="members">End ports that receive the group. Members that the first one can not reach are left out.</param>
    public static MulticastTree Build(SwitchGraph graph, IReadOnlyList<EndPort> members)
    {
        if (members.Count == 0) return new(SwitchGraph.None);
        var (hops, queue, sums) = (new int[graph.Switches], new int[graph.Switches], new long[graph.Switches]);
        var home = members[0].Switch;
        var weights = new SortedDictionary<int, int>();
        foreach (var member in members) weights[member.Switch] = weights.GetValueOrDefault(member.Switch) + 1;
        foreach (var (at, weight) in weights)
        {
            graph.Measure(at, hops, queue);
            if (hops[home] < 0) continue;
            for (var i = 0; i < hops.Length; i++) sums[i] += (long)Math.Max(0, hops[i]) * weight;
        }
        var reached = graph.Measure(home, hops, queue);
        var root = home;
        foreach (var at in queue.AsSpan(0, reached))
            if (sums[at] < sums[root] || (sums[at] == sums[root] && at < root)) root = at;
        var tree = new MulticastTree(root);
        tree.Grow(graph, root, members, hops, queue);
        return tree;
    }

    private void Grow(SwitchGraph graph, int root, IReadOnlyList<EndPort> members, int[] hops, int[] queue)
    {
        graph.Measure(root, hops, queue);
        var joined = new HashSet<int> { root };
        foreach (var member in members)
        {
            if (hops[member.Switch] < 0) continue;
            Add(member.Switch, member.Port);
            for (var at = member.Switch; joined.Add(at);)
            {
                var peers = graph.PeersOf(at);
                var port = 1;
                while (peers[port] < 0 || hops[peers[port]] != hops[at] - 1) port++;
                Add(at, (byte)port);
                Add(peers[port], graph.PeerPort(at, port));
                at = peers[port];
            }
        }
    }

    private void Add(int at, byte port)
    {
        if (!ports.TryGetValue(at, out var list)) ports[at] = list = [];
        var place = list.BinarySearch(port);
        if (place < 0) list.Insert(~place, port);
    }
}
