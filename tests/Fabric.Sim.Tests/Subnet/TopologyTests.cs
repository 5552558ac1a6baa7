using System.Text;
using System.Text.RegularExpressions;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Subnet.Topologies;
using Weft.Protocol.Mad.Smp;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Fabric.Sim.Tests.Subnet;

public partial class TopologyTests
{
    [Theory]
    [InlineData("star4", 4, 1, 4)]
    [InlineData("ft108", 108, 9, 216)]
    [InlineData("ft504", 504, 46, 1008)]
    [InlineData("ibnetdiscover", 4, 1, 4)]
    public void A_file_is_read_whole_and_written_back(string name, int hosts, int switches, int cables)
    {
        var text = TopologyFiles.Read(name);
        Assert.True(TopologyReader.TryRead(text, out var subnet, out var error), error?.ToString());
        Assert.Equal((hosts, switches), (subnet.Nodes.Count(n => n.Type == NodeType.Ca), subnet.Nodes.Count(n => n.IsSwitch)));
        Assert.Equal(cables, Ports(subnet).Count(p => p.Peer is not null) / 2);
        Assert.All(Ports(subnet).Where(p => p.Peer is not null), p => Assert.Equal(PortState.Initialize, p.State));
        Assert.Equal(Plain(text), Plain(TopologyWriter.ToText(subnet)));
    }

    /// <summary>Whatever stands in a file, it is refused with a word, or read and written so that it can be read again.</summary>
    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Fuzzer.Run([Encoding.Latin1.GetBytes(TopologyFiles.Read("star4")), Encoding.Latin1.GetBytes(TopologyFiles.Read("ibnetdiscover"))], Fuzzer.Fraction(10), input =>
        {
            if (!TopologyReader.TryRead(Encoding.Latin1.GetString(input), out var subnet, out var error))
            {
                if (error is not { Line: >= 1, Message.Length: > 0 }) throw new InvalidOperationException("refused without a line or a word");
                return;
            }
            var text = TopologyWriter.ToText(subnet);
            if (!TopologyReader.TryRead(text, out var again, out error)) throw new InvalidOperationException($"written and not read again: {error}");
            if (TopologyWriter.ToText(again) != text) throw new InvalidOperationException("read again as another");
        });

    /// <summary>The files were made by a program that is not ours.</summary>
    [Fact]
    public void The_generators_make_what_others_make()
    {
        Assert.Equal(Plain(TopologyFiles.Read("star4")), Plain(TopologyWriter.ToText(TopologyGenerator.Star(4, LinkRate.Edr4X))));
        Assert.Equal(Plain(TopologyFiles.Read("ft108")), Plain(TopologyWriter.ToText(TopologyGenerator.TwoLevelFatTree(6, 18, 3, 36, LinkRate.Edr4X))));
        Assert.Equal(Plain(TopologyFiles.Read("ft504")), Plain(TopologyWriter.ToText(TopologyGenerator.TwoLevelFatTree(28, 18, 18, 36, LinkRate.Edr4X))));
    }

    public static TheoryData<string, int, int, int> Generated => new()
    {
        { "tree 2x48", 1152, 72, 2304 }, { "tree 3x4", 16, 20, 48 }, { "tree 3x18", 1458, 405, 4374 }, { "tree 3x36", 11664, 1620, 34992 },
        { "torus 3x4", 24, 12, 48 }, { "torus 2", 2, 2, 3 }, { "torus 4x4x4", 64, 64, 256 },
        { "dragonfly 4,2,2", 72, 36, 162 }, { "dragonfly 1,1,1", 2, 2, 3 }, { "dragonfly 3,2,1", 24, 12, 42 },
    };

    [Theory]
    [MemberData(nameof(Generated))]
    public void A_generated_subnet_is_whole_and_read_back(string name, int hosts, int switches, int cables)
    {
        var subnet = Generate(name);
        Assert.Equal((hosts, switches), (subnet.Nodes.Count(n => n.Type == NodeType.Ca), subnet.Nodes.Count(n => n.IsSwitch)));
        Assert.Equal(cables, Ports(subnet).Count(p => p.Peer is not null) / 2);
        Assert.Equal(subnet.Nodes.Count, Reachable(subnet));
        var text = TopologyWriter.ToText(subnet);
        Assert.True(TopologyReader.TryRead(text, out var again, out _));
        Assert.Equal(text, TopologyWriter.ToText(again));
    }

    private static IbSubnet Generate(string name)
    {
        var words = name.Split(' ');
        var numbers = words[1].Split('x', ',').Select(int.Parse).ToArray();
        return words[0] switch
        {
            "torus" => TopologyGenerator.Torus(numbers, name == "torus 3x4" ? 2 : 1, LinkRate.Edr4X),
            "dragonfly" => TopologyGenerator.Dragonfly(numbers[0], numbers[1], numbers[2], LinkRate.Edr4X),
            _ => numbers[0] == 3 ? TopologyGenerator.ThreeLevelFatTree(numbers[1], LinkRate.Edr4X)
                : TopologyGenerator.TwoLevelFatTree(numbers[1], numbers[1] / 2, numbers[1] / 2, numbers[1], LinkRate.Edr4X),
        };
    }

    /// <summary>In a dragonfly every pair of groups is joined by exactly one cable.</summary>
    [Fact]
    public void Groups_of_a_dragonfly_are_all_joined()
    {
        var subnet = TopologyGenerator.Dragonfly(4, 2, 2, LinkRate.Edr4X);
        int Group(SubnetNode node) => (node.Index - 72) / 4;
        var pairs = Ports(subnet).Where(p => p.Node.IsSwitch && p.Peer is { Node.IsSwitch: true } peer && Group(p.Node) < Group(peer.Node)).Select(p => (Group(p.Node), Group(p.Peer!.Node))).ToList();
        Assert.Equal((36, 36), (pairs.Count, pairs.Distinct().Count()));
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(1, "Cable 3 \"x\"")]
    [InlineData(1, "Switch 0 \"S\"")]
    [InlineData(1, "Switch 255 \"S\"")]
    [InlineData(1, "Switch 8 S")]
    [InlineData(1, "Switch 8 \"S\" and more")]
    [InlineData(1, "[1] \"S\"[2]")]
    [InlineData(1, "caguid=12g")]
    [InlineData(1, "switchguid=0x12(34")]
    [InlineData(2, "Switch 8 \"S\"\n[9] \"S\"[2]")]
    [InlineData(2, "Switch 8 \"S\"\n[1] \"S\"[0]")]
    [InlineData(2, "Switch 8 \"S\"\n[1] \"S\"[1]")]
    [InlineData(2, "Switch 8 \"S\"\n[1] \"T\"[1]")]
    [InlineData(2, "Switch 8 \"S\"\n[1] \"S\"")]
    [InlineData(3, "Switch 8 \"S\"\n[1] \"S\"[2]\n[1] \"S\"[3]")]
    [InlineData(3, "Switch 8 \"S\"\n[1] \"S\"[2]\n[3] \"S\"[2]")]
    [InlineData(3, "Switch 8 \"S\"\n\nSwitch 8 \"S\"")]
    [InlineData(5, "switchguid=5\nSwitch 8 \"S\"\n\nswitchguid=5\nSwitch 8 \"T\"")]
    [InlineData(2, "switchguid=0\nSwitch 8 \"S\"")]
    public void What_is_wrong_is_told_with_its_line(int line, string text)
    {
        Assert.False(TopologyReader.TryRead(text, out _, out var error));
        Assert.Equal(line, error!.Line);
        Assert.NotEmpty(error.Message);
    }

    [Fact]
    public void A_file_by_hand_needs_no_GUIDs_and_names_each_cable_once()
    {
        const string Text = "# by hand\nSwitch 8 \"sw\" # \"top # 1\"\n[1] \"h\"[1]\n[2] \"k\"[2]\nCa 1 \"h\"\n\nHca 2 \"k\"\n";
        Assert.True(TopologyReader.TryRead(Text, out var subnet, out var error), error?.ToString());
        Assert.Equal("top # 1", subnet.Find("sw")!.Description);
        Assert.Same(subnet.Find("k")![2], subnet.Find("sw")![2].Peer);
        Assert.Equal(3, subnet.Nodes.Select(n => n.Guid).Distinct().Count());
        Assert.Same(subnet.Find("k")![2], PortName.Find(subnet, "\"k\"[2]"));
        Assert.Same(subnet.Find("sw")![0], PortName.Find(subnet, "top # 1[0]"));
        Assert.Null(PortName.Find(subnet, "k[3]"));
    }

    /// <summary>11,664 hosts and 1,620 switches fit well into a gibibyte.</summary>
    [Fact]
    public void The_largest_tree_is_small()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var subnet = TopologyGenerator.ThreeLevelFatTree(36, LinkRate.Edr4X);
        var used = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal(13284, subnet.Nodes.Count);
        Assert.InRange(used, 1 << 20, 100 << 20);
    }

    [Theory]
    [InlineData("4xEDR")]
    [InlineData("1xSDR")]
    [InlineData("12xNDR")]
    [InlineData("2xHDR")]
    [InlineData("4xFDR")]
    [InlineData("8xQDR")]
    public void A_rate_of_the_file_is_what_the_link_runs_at(string rate)
    {
        Assert.True(LinkRate.TryParse(rate, out var parsed));
        Assert.Equal(rate, parsed.ToString());
        var subnet = TopologyGenerator.Star(1, parsed);
        Assert.Equal(rate, LinkRate.Of(subnet.Nodes[0][1].Info).ToString());
        Assert.EndsWith(rate + "\n\n", TopologyWriter.ToText(subnet));
    }

    private static IEnumerable<SubnetPort> Ports(IbSubnet subnet) => subnet.Nodes.SelectMany(n => n.Ports.ToArray()).OfType<SubnetPort>();

    private static int Reachable(IbSubnet subnet)
    {
        var seen = new HashSet<SubnetNode> { subnet.Nodes[0] };
        var queue = new Queue<SubnetNode>(seen);
        while (queue.TryDequeue(out var node))
        {
            foreach (var port in node.Ports)
                if (port?.Peer is { } peer && seen.Add(peer.Node)) queue.Enqueue(peer.Node);
        }
        return seen.Count;
    }

    /// <summary>Without remarks of the whole file, LIDs, and the port GUID of the peer, which not every program writes.</summary>
    private static string Plain(string text) => Remark().Replace(PeerGuid().Replace(LidText().Replace(text, "lid 0"), "]\t\t"), "").Trim('\n');

    [GeneratedRegex(@"lid \d+")]
    private static partial Regex LidText();

    [GeneratedRegex(@"\]\([0-9a-f]+\) \t\t")]
    private static partial Regex PeerGuid();

    [GeneratedRegex(@"^#.*\n", RegexOptions.Multiline)]
    private static partial Regex Remark();
}
