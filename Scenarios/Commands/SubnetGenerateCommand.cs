using System.CommandLine;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Subnet.Topologies;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft subnet generate</c>: topologies of the usual shapes.</summary>
internal static class SubnetGenerateCommand
{
    public static Command Create() => new("generate",
        "Prints a topology in the form of ibnetdiscover.\n\nExamples:\n  weft subnet generate star --hosts 4 > star.net\n"
        + "  weft subnet generate fat-tree --k 36 > ft11664.net\n  weft subnet generate fat-tree --k 48 --levels 2 > ft1152.net\n"
        + "  weft subnet generate torus --size 4x4x4 --hosts 2 --rate 4xHDR") { Star(), FatTree(), Torus(), Dragonfly() };

    private static Option<string> Rate() => new("--rate") { Description = "Rate of every cable: 4xEDR, 4xHDR, 12xNDR, ...", DefaultValueFactory = _ => "4xEDR", HelpName = "rate" };

    private static Option<int> Number(string name, string description, int value) => new(name) { Description = description, DefaultValueFactory = _ => value, HelpName = "number" };

    private static Command Star()
    {
        var hosts = Number("--hosts", "Hosts around the switch.", 4);
        return Make(new("star", "Hosts around one switch.\n\nExample:\n  weft subnet generate star --hosts 16 > star.net") { hosts },
            (parsed, rate) => TopologyGenerator.Star(parsed.GetValue(hosts), rate));
    }

    private static Command FatTree()
    {
        var k = Number("--k", "Ports of every switch.", 8);
        var levels = Number("--levels", "Levels of switches, 2 or 3. Two: k^2/2 hosts; three: k^3/4.", 3);
        var leaves = new Option<int?>("--leaves") { Description = "With two levels: leaves, when not k.", HelpName = "number" };
        var down = new Option<int?>("--down") { Description = "With two levels: hosts of a leaf, when not k/2.", HelpName = "number" };
        var spines = new Option<int?>("--spines") { Description = "With two levels: spines, when not k/2.", HelpName = "number" };
        return Make(new("fat-tree", "A fat tree of two or three levels.\n\nExamples:\n  weft subnet generate fat-tree --k 18 > ft1458.net\n"
            + "  weft subnet generate fat-tree --levels 2 --k 36 --leaves 6 --down 18 --spines 3 > ft108.net") { k, levels, leaves, down, spines },
            (parsed, rate) =>
            {
                var ports = parsed.GetValue(k);
                var isThin = parsed.GetValue(leaves) is not null || parsed.GetValue(down) is not null || parsed.GetValue(spines) is not null;
                return parsed.GetValue(levels) switch
                {
                    2 => TopologyGenerator.TwoLevelFatTree(parsed.GetValue(leaves) ?? ports, parsed.GetValue(down) ?? ports / 2, parsed.GetValue(spines) ?? ports / 2, ports, rate),
                    3 when isThin => throw new ArgumentException("--leaves, --down and --spines belong to --levels 2"),
                    3 => TopologyGenerator.ThreeLevelFatTree(ports, rate),
                    _ => throw new ArgumentException("--levels is 2 or 3"),
                };
            });
    }

    private static Command Torus()
    {
        var size = new Option<string>("--size") { Description = "Switches in each dimension: 4x4x4.", DefaultValueFactory = _ => "4x4", HelpName = "sizes" };
        var hosts = Number("--hosts", "Hosts of each switch.", 1);
        return Make(new("torus", "Switches on a grid whose rows close to rings.\n\nExample:\n  weft subnet generate torus --size 6x6 --hosts 4 > torus.net") { size, hosts },
            (parsed, rate) => TopologyGenerator.Torus([.. parsed.GetValue(size)!.Split('x').Select(Dimension)], parsed.GetValue(hosts), rate));
    }

    private static int Dimension(string text) => int.TryParse(text, out var value) ? value : throw new ArgumentException($"--size is numbers with an x between them, and '{text}' is none");

    private static Command Dragonfly()
    {
        var routers = Number("--routers", "Switches of a group, a.", 4);
        var hosts = Number("--hosts", "Hosts of a switch, p.", 2);
        var globals = Number("--globals", "Cables of a switch to other groups, h; there are a*h+1 groups.", 2);
        return Make(new("dragonfly", "Groups of meshed switches, each pair of groups joined by one cable.\n\nExample:\n"
            + "  weft subnet generate dragonfly --routers 8 --hosts 4 --globals 4 > df.net") { routers, hosts, globals },
            (parsed, rate) => TopologyGenerator.Dragonfly(parsed.GetValue(routers), parsed.GetValue(hosts), parsed.GetValue(globals), rate));
    }

    private static Command Make(Command command, Func<ParseResult, LinkRate, IbSubnet> make)
    {
        var rate = Rate();
        command.Options.Add(rate);
        command.SetAction(parsed =>
        {
            if (!LinkRate.TryParse(parsed.GetValue(rate), out var given)) return Out.Usage($"'{parsed.GetValue(rate)}' is no rate: 1x, 2x, 4x, 8x or 12x of SDR, DDR, QDR, FDR, EDR, HDR or NDR");
            try
            {
                using var output = new StreamWriter(Console.OpenStandardOutput(), new System.Text.UTF8Encoding(false), 1 << 16);
                TopologyWriter.Write(make(parsed, given), output);
                return ExitCode.Success;
            }
            catch (ArgumentException e)
            {
                return Out.Usage(e.Message);
            }
            catch (IOException)
            {
                return ExitCode.Success; // whoever reads from the pipe has seen enough
            }
        });
        return command;
    }
}
