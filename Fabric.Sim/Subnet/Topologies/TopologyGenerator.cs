using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet.Topologies;

/// <summary>
/// Makes subnets of the usual shapes. Hosts come first, so that the first node, where a manager attaches by default, is a host.
/// </summary>
public sealed class TopologyGenerator
{
    private const ulong SwitchGuids = 0x0002_C903_00A0_0000, HostGuids = 0x0002_C903_0010_0000;
    private const ulong HostStep = 0x10, SwitchStep = 0x100;
    private readonly IbSubnet subnet = new();
    private readonly LinkRate rate;

    private TopologyGenerator(LinkRate rate) => this.rate = rate;

    /// <summary>Hosts around one switch.</summary>
    /// <param name="hosts">1 to 254.</param>
    public static IbSubnet Star(int hosts, LinkRate rate)
    {
        Require(hosts is >= 1 and <= 254, "a star has 1 to 254 hosts");
        var made = new TopologyGenerator(rate);
        made.Hosts(hosts, digits: 4);
        var center = made.Switch(Math.Max(hosts, 36), 0, "leaf-001");
        for (var i = 0; i < hosts; i++) made.Join(made.subnet.Nodes[i], 1, center, i + 1);
        return made.subnet;
    }

    /// <summary>Leaves and spines. Each leaf has hosts on its first ports; its others are dealt over the spines.</summary>
    /// <param name="radix">Ports of each switch.</param>
    public static IbSubnet TwoLevelFatTree(int leaves, int down, int spines, int radix, LinkRate rate)
    {
        Require(leaves >= 1 && spines >= 1 && down >= 1 && down < radix && radix <= 254, "a fat tree has leaves, spines, and switches of at most 254 ports with some up and some down");
        Require((radix - down + spines - 1) / spines * leaves <= radix, $"{leaves} leaves with {radix - down} ports up do not fit on {spines} spines of {radix} ports");
        Require((long)leaves * down <= MaxHosts, $"a subnet has at most {MaxHosts} hosts");
        var made = new TopologyGenerator(rate);
        made.Hosts(leaves * down, digits: 4);
        var leaf = made.Switches(leaves, radix, 0, "leaf", digits: 3);
        var spine = made.Switches(spines, radix, 0x100000, "spine", digits: 3);
        var taken = new int[spines];
        for (var l = 0; l < leaves; l++)
        {
            for (var d = 0; d < down; d++) made.Join(made.subnet.Nodes[l * down + d], 1, leaf[l], d + 1);
            for (var u = 0; u < radix - down; u++) made.Join(leaf[l], down + 1 + u, spine[u % spines], ++taken[u % spines]);
        }
        return made.subnet;
    }

    /// <summary>The full tree of three levels from switches of <paramref name="k"/> ports: k³/4 hosts, 5k²/4 switches.</summary>
    /// <param name="k">Even, 2 to 56.</param>
    public static IbSubnet ThreeLevelFatTree(int k, LinkRate rate)
    {
        Require(k is >= 2 and <= 56 && k % 2 == 0, "a fat tree of three levels has switches with an even number of ports, 2 to 56: more would not fit into the LIDs of a subnet");
        var half = k / 2;
        var made = new TopologyGenerator(rate);
        made.Hosts(k * half * half, digits: 5);
        var leaf = made.Switches(k * half, k, 0, "leaf", digits: 4);
        var middle = made.Switches(k * half, k, 0x1000000, "agg", digits: 4);
        var core = made.Switches(half * half, k, 0x2000000, "core", digits: 4);
        for (var pod = 0; pod < k; pod++)
        {
            for (var i = 0; i < half; i++)
            {
                for (var j = 0; j < half; j++)
                {
                    made.Join(made.subnet.Nodes[(pod * half + i) * half + j], 1, leaf[pod * half + i], j + 1);
                    made.Join(leaf[pod * half + i], half + j + 1, middle[pod * half + j], i + 1);
                    made.Join(middle[pod * half + i], half + j + 1, core[i * half + j], pod + 1);
                }
            }
        }
        return made.subnet;
    }

    /// <summary>A torus: switches on a grid whose rows close to rings, hosts at each. Ports 2d+1 and 2d+2 lead back and forth in dimension d.</summary>
    /// <param name="dimensions">Switches in each dimension, each 2 or more; a ring of two has one cable.</param>
    public static IbSubnet Torus(IReadOnlyList<int> dimensions, int hostsPerSwitch, LinkRate rate)
    {
        Require(dimensions.Count is >= 1 and <= 6 && dimensions.All(d => d is >= 2 and <= 1000), "a torus has 1 to 6 dimensions of 2 to 1000 switches");
        var switches = dimensions.Aggregate(1L, (product, d) => product * d);
        Require(hostsPerSwitch is >= 0 and <= 200 && switches + switches * hostsPerSwitch <= MaxHosts && switches * hostsPerSwitch >= 1, $"a torus has hosts, at most 200 on a switch, and at most {MaxHosts} nodes");
        var made = new TopologyGenerator(rate);
        var hosts = (int)switches * hostsPerSwitch;
        made.Hosts(hosts, digits: 5);
        var grid = made.Switches((int)switches, 2 * dimensions.Count + hostsPerSwitch, 0, "switch", digits: 4);
        for (var i = 0; i < hosts; i++) made.Join(made.subnet.Nodes[i], 1, grid[i / hostsPerSwitch], 2 * dimensions.Count + 1 + i % hostsPerSwitch);
        for (var (d, stride) = (0, 1); d < dimensions.Count; stride *= dimensions[d], d++)
        {
            for (var i = 0; i < grid.Length; i++)
            {
                var at = i / stride % dimensions[d];
                if (at == 1 && dimensions[d] == 2) continue;
                made.Join(grid[i], 2 * d + 2, grid[at == dimensions[d] - 1 ? i - at * stride : i + stride], 2 * d + 1);
            }
        }
        return made.subnet;
    }

    /// <summary>A balanced dragonfly: groups of fully meshed routers, each pair of groups joined by one cable.</summary>
    /// <param name="routers">Routers of a group, a.</param>
    /// <param name="hostsPerRouter">Hosts of a router, p.</param>
    /// <param name="globals">Cables of a router to other groups, h; there are a*h + 1 groups.</param>
    public static IbSubnet Dragonfly(int routers, int hostsPerRouter, int globals, LinkRate rate)
    {
        Require(routers >= 1 && hostsPerRouter >= 1 && globals >= 1 && routers - 1 + hostsPerRouter + globals <= 254, "a dragonfly router has at least one host and one global cable, and at most 254 ports");
        var groups = (long)routers * globals + 1;
        Require(groups * routers * (hostsPerRouter + 1L) <= MaxHosts, $"a subnet has at most {MaxHosts} nodes; this dragonfly has {groups} groups of {routers} routers with {hostsPerRouter} hosts");
        var made = new TopologyGenerator(rate);
        var count = (int)groups * routers;
        made.Hosts(count * hostsPerRouter, digits: 5);
        var router = made.Switches(count, hostsPerRouter + routers - 1 + globals, 0, "router", digits: 4);
        for (var i = 0; i < count * hostsPerRouter; i++) made.Join(made.subnet.Nodes[i], 1, router[i / hostsPerRouter], i % hostsPerRouter + 1);
        for (var group = 0; group < groups; group++)
        {
            var first = group * routers;
            for (var a = 0; a < routers; a++)
                for (var b = a + 1; b < routers; b++) made.Join(router[first + a], hostsPerRouter + b, router[first + b], hostsPerRouter + 1 + a);
            for (var other = group + 1; other < groups; other++) // the channel to a group is its distance on the ring of groups
            {
                var (there, back) = (other - group - 1, (int)groups - (other - group) - 1);
                made.Join(router[first + there / globals], hostsPerRouter + routers + there % globals,
                    router[other * routers + back / globals], hostsPerRouter + routers + back % globals);
            }
        }
        return made.subnet;
    }

    /// <summary>Unicast LIDs of a subnet, which hosts and switches share.</summary>
    private const int MaxHosts = 0xBFFF;

    private static void Require(bool holds, string message)
    {
        if (!holds) throw new ArgumentException(message);
    }

    private void Hosts(int count, int digits)
    {
        for (var i = 0; i < count; i++)
        {
            var guid = HostGuids + HostStep * (ulong)i;
            subnet.Add(new() { Id = $"H-{guid:x16}", Type = NodeType.Ca, PortCount = 1, Guid = new(guid), Description = $"host-{Number(i + 1, digits)} HCA-1" });
        }
    }

    private SubnetNode[] Switches(int count, int ports, ulong guids, string name, int digits) =>
        [.. Enumerable.Range(0, count).Select(i => Switch(ports, guids + SwitchStep * (ulong)i, $"{name}-{Number(i + 1, digits)}"))];

    private SubnetNode Switch(int ports, ulong guidOffset, string description)
    {
        var guid = SwitchGuids + guidOffset;
        return subnet.Add(new() { Id = $"S-{guid:x16}", Type = NodeType.Switch, PortCount = ports, Guid = new(guid), Description = description });
    }

    private void Join(SubnetNode a, int portA, SubnetNode b, int portB) => subnet.Connect(a[portA], b[portB], rate);

    private static string Number(int value, int digits) => value.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(digits, '0');
}
