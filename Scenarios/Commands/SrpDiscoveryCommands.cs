using System.CommandLine;
using Weft.Fabric.Engine.Management;
using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Mad.DeviceManagement;
using Weft.Protocol.Mad.Smp;
using Weft.Scenarios.Subnets;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft ibsrpdm</c> and <c>weft srp_daemon</c>: finding SRP targets over a simulated subnet, with the output of srptools.</summary>
internal sealed class SrpDiscoveryCommands
{
    private readonly Option<FileInfo> net = new("--net") { Description = "The subnet: a topology in the form of ibnetdiscover; `weft subnet generate` makes some.", HelpName = "file", Required = true };
    private readonly Option<string?> from = new("--from") { Description = "Host that asks, by id or description, in place of a device; the first host when not given.", HelpName = "node" };
    private readonly Option<string[]> target = new("--target") { Description = "Host that has an SRP target, may be given several times; every host but the one that asks when not given.", HelpName = "node", DefaultValueFactory = _ => [] };
    private readonly Option<FileInfo?> partitions = new("--partitions") { Description = "Partitions of the subnet, in the format of opensm's partitions.conf.", HelpName = "file" };
    private readonly Option<bool> commands = new("-c") { Description = "Print connection commands: strings for ib_srp's add_target." };
    private readonly Option<bool> verbose = new("-v") { Description = "Also print what is in each slot of an I/O unit." };
    private readonly Option<bool> execute = new("-e") { Description = "Execute the connection commands: log in to every target, read the capacity of its disk, log out." };
    private readonly Option<bool> extension = new("-n") { Description = "Connection commands with an initiator_ext." };
    private readonly Option<int?> retries = new("-l") { Description = "With -e: transport retries of the connections (tl_retry_count), 2 to 7.", HelpName = "number" };

    public static Command CreateIbsrpdm()
    {
        var options = new SrpDiscoveryCommands();
        var command = new Command("ibsrpdm",
            "Finds SRP targets over a simulated InfiniBand subnet, as ibsrpdm of srptools does over a real one: by the subnet administration and by\n"
            + "device management, packet by packet. Prints what it prints.\n\nExamples:\n  weft subnet generate star --hosts 4 > x.net\n  weft ibsrpdm --net x.net\n"
            + "  weft ibsrpdm -c --net x.net --from \"host-0002 HCA-1\" --target \"host-0003 HCA-1\"")
        { options.net, options.from, options.target, options.partitions, options.commands, options.verbose };
        command.SetAction(options.Run);
        return command;
    }

    public static Command CreateDaemon()
    {
        var options = new SrpDiscoveryCommands();
        var once = new Option<bool>("-o") { Description = "Run once and stop. It always does: nothing happens in the subnet afterwards." };
        var all = new Option<bool>("-a") { Description = "Show all targets, connected ones too. None is connected when it starts." };
        var command = new Command("srp_daemon",
            "Finds SRP targets over a simulated InfiniBand subnet and logs in to them, as srp_daemon -o of srptools does over a real one.\n\nExamples:\n"
            + "  weft srp_daemon -oac --net x.net\n  weft srp_daemon -oecn --net x.net --partitions partitions.conf")
        { options.net, options.from, options.target, options.partitions, once, all, options.commands, options.execute, options.extension, options.retries, options.verbose };
        command.SetAction(options.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        if (SubnetCommand.Read(parsed.GetValue(net)!) is not { } subnet) return ExitCode.Usage;
        if (!TryHost(subnet, parsed.GetValue(from), "--from", out var asking, out var problem)) return Out.Usage(problem);
        var targets = new List<SubnetNode>();
        foreach (var name in parsed.GetValue(target)!)
        {
            if (!TryHost(subnet, name, "--target", out var host, out problem)) return Out.Usage(problem);
            if (!targets.Contains(host!)) targets.Add(host!);
        }
        if (targets.Count == 0) targets = [.. subnet.Nodes.Where(n => n != asking && IsHost(n))];
        if (!PartitionFile.TryRead(parsed.GetValue(partitions), out var policy, out problem)) return Out.Usage(problem);
        if (parsed.GetValue(retries) is < 2 or > 7) return Out.Usage("-l takes 2 to 7");
        try
        {
            var fabric = new SrpSubnet(subnet, asking![1], targets, new() { Partitions = policy });
            var isFailed = false;
            var trouble = fabric.Run(
                ports => Print(ports, parsed),
                parsed.GetValue(execute) ? port => Lines(port, parsed, isExecuted: true) : null,
                (line, blocks, refusal) =>
                {
                    isFailed |= refusal is not null;
                    Out.Line(refusal is null ? $"logged in: {line}: {blocks} blocks" : $"login failed: {line}: {refusal}");
                });
            return trouble is not null ? Out.Failure(trouble) : isFailed ? ExitCode.Failed : ExitCode.Success;
        }
        catch (ArgumentException e)
        {
            return Out.Usage(e.Message);
        }
    }

    private static bool IsHost(SubnetNode node) => node.Type == NodeType.Ca && node[1].Peer is not null;

    private static bool TryHost(IbSubnet subnet, string? name, string option, out SubnetNode? host, out string problem)
    {
        host = name is null ? subnet.Nodes.FirstOrDefault(IsHost) : subnet.FindByName(name);
        problem = host is null ? name is null ? "the subnet has no host" : $"{option}: the subnet has no node '{name}'"
            : !IsHost(host) ? $"{option}: {host} is no host, or has no cable at port 1" : "";
        return problem.Length == 0;
    }

    private void Print(IReadOnlyList<DiscoveredPort> ports, ParseResult parsed)
    {
        var isForPeople = !parsed.GetValue(commands) && !parsed.GetValue(execute);
        if (ports.Count == 0 && parsed.GetValue(verbose)) Out.Line("Query did not find any targets");
        foreach (var port in ports)
        {
            if (port.Query.Unit is not { } unit) Console.Error.WriteLine($"no answer from device management at LID {port.Lid}: {port.Query.Problem}");
            else if (isForPeople) Out.Text(SrpDiscovery.Describe(unit, port.Query.Controllers, port.Lid, port.Gid, parsed.GetValue(verbose)));
            else if (parsed.GetValue(commands))
                foreach (var line in Lines(port, parsed, parsed.GetValue(execute))) Out.Line(line);
        }
    }

    private IEnumerable<string> Lines(DiscoveredPort port, ParseResult parsed, bool isExecuted)
    {
        var suffix = isExecuted && parsed.GetValue(retries) is { } count ? $",tl_retry_count={count}" : "";
        return SrpDiscovery.Commands(port.Query.Controllers, port.Gid, port.PKey.Value, parsed.GetValue(extension)).Select(line => line + suffix);
    }
}
