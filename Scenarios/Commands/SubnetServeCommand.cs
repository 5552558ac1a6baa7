using System.CommandLine;
using Weft.Fabric.Hw;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Management.Partitions;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Subnet.Topologies;
using Weft.Fabric.Sim.Subnet.Umad;
using Weft.Scenarios.Live;
using Weft.Scenarios.Subnets;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft subnet serve</c>: plays the fabric for programs behind libumad2sim.</summary>
internal static class SubnetServeCommand
{
    public static Option<string> Name() => new("--name") { Description = "Name under which programs find the server: their IBSIM_SOCKNAME.", DefaultValueFactory = _ => "sim", HelpName = "name" };

    public static Command Create()
    {
        var file = new Argument<FileInfo>("net") { Description = "A topology in the form of ibnetdiscover." };
        var name = Name();
        var udp = new Option<ushort?>("--udp-port") { Description = "Serve over UDP from this port on (IBSIM_SERVER_PORT; programs also need IBSIM_SERVER_NAME).", HelpName = "port" };
        var attach = new Option<string?>("--attach") { Description = "Node, or \"node\"[port], where programs attach that do not set SIM_HOST. Default: the first node.", HelpName = "node" };
        var capture = new Option<FileInfo?>("--capture") { Description = "Writes every MAD, as an InfiniBand packet, to a pcapng file that Wireshark reads.", HelpName = "file" };
        var record = new Option<FileInfo?>("--record") { Description = "Writes the session down for `weft subnet replay`.", HelpName = "file" };
        var manager = new Option<bool>("--manager") { Description = "Run weft's own subnet manager and SA on the subnet." };
        var at = new Option<string?>("--manager-at") { Description = "Node, or \"node\"[port], that the manager runs on. Default: where programs attach.", HelpName = "node" };
        var priority = new Option<byte>("--priority") { Description = "Priority of the manager, 0 to 15: the highest one becomes master.", HelpName = "number" };
        var lmc = new Option<byte>("--lmc") { Description = "LID mask control: the manager gives each port 2^LMC LIDs, 0 to 7.", HelpName = "number" };
        var routing = new Option<string>("--routing") { Description = "minhop or updn.", DefaultValueFactory = _ => "minhop", HelpName = "engine" };
        var qos = new Option<bool>("--qos", "-Q") { Description = "The manager gives service levels lanes and weights, as opensm -Q does." };
        var partitions = new Option<FileInfo?>("--partitions") { Description = "The manager's partitions, in the format of opensm's partitions.conf.", HelpName = "file" };
        var traffic = new Option<int>("--traffic") { Description = "Data flows over RDMA while the subnet is served: from each of this many hosts to the next one, as soon as a manager has brought their ports up.", HelpName = "flows" };
        var size = new Option<int>("--traffic-size") { Description = "Bytes of a message of these flows.", HelpName = "bytes", DefaultValueFactory = _ => 4096 };
        var rate = new Option<int>("--traffic-rate") { Description = "Messages of each flow in a second.", HelpName = "number", DefaultValueFactory = _ => 100 };
        var noConsole = new Option<bool>("--no-console") { Description = "Take no commands from the standard input." };
        var command = new Command("serve",
            "Plays a subnet for unmodified programs of libibumad: OpenSM, ibnetdiscover, smpquery, perfquery and the rest of infiniband-diags.\n"
            + "They run under ibsim-run (Debian: libumad2sim0). Takes console commands from its standard input and from `weft subnet ctl`.\n"
            + "Ctrl-C ends.\n\nExamples:\n  weft subnet serve x.net\n  weft subnet serve x.net --manager --partitions partitions.conf\n  weft subnet serve x.net --traffic 4\n  weft subnet serve x.net --capture mads.pcapng --record session.rec\n"
            + "  IBSIM_SOCKNAME=sim ibsim-run opensm -o        (in another terminal)\n  SIM_HOST=\"host-0002 HCA-1\" ibsim-run ibnetdiscover")
        { file, name, udp, attach, manager, at, priority, lmc, routing, qos, partitions, traffic, size, rate, capture, record, noConsole };
        command.SetAction(parsed =>
        {
            if (SubnetCommand.Read(parsed.GetValue(file)!) is not { } subnet) return ExitCode.Usage;
            SubnetPort? port = null;
            if (parsed.GetValue(attach) is { } where && (port = UmadServer.FindPort(subnet, where)) is null) return Out.Usage($"--attach: the subnet has no node or port '{where}'");
            ManagerOptions? options = null;
            SubnetPort? managerPort = null;
            if (parsed.GetValue(manager))
            {
                if (parsed.GetValue(at) is { } seat && (managerPort = UmadServer.FindPort(subnet, seat)) is null) return Out.Usage($"--manager-at: the subnet has no node or port '{seat}'");
                if (!TryOptions(parsed.GetValue(priority), parsed.GetValue(lmc), parsed.GetValue(routing)!, parsed.GetValue(qos), parsed.GetValue(partitions), out options, out var problem)) return Out.Usage(problem);
            }
            else if (parsed.GetValue(partitions) is not null || parsed.GetValue(at) is not null || parsed.GetValue(qos)) return Out.Usage("--partitions, --qos and --manager-at belong to --manager");
            TrafficOptions? load = null;
            if (parsed.GetValue(traffic) != 0 && !TryTraffic(load = new(parsed.GetValue(traffic), parsed.GetValue(size), parsed.GetValue(rate)), parsed.GetValue(record) is not null, out var trouble)) return Out.Usage(trouble);
            try
            {
                using var sockets = ManagementSockets.Open(parsed.GetValue(name)!, parsed.GetValue(udp));
                using var mads = parsed.GetValue(capture) is { } to ? new MadCapture(to.Create()) : null;
                using var session = parsed.GetValue(record) is { } log ? new BufferedStream(log.Create(), 1 << 16) : null;
                var writer = session is null ? null : new SessionWriter(session, TopologyWriter.ToText(subnet));
                var flows = load is null ? null : new ServedTraffic(subnet, load);
                using var service = new SubnetService(subnet, sockets, port, mads, writer, readsInput: !parsed.GetValue(noConsole), Out.Line, options is not null, flows);
                using var interrupt = new Interrupt(service.Stop);
                WarmUp.Run();
                Out.Line($"serving {SubnetCommand.Describe(subnet)} as '{parsed.GetValue(name)}'; Ctrl-C ends");
                if (options is not null && !service.StartManager(managerPort, options)) return Out.Usage("--manager: the port has a manager already");
                service.Run();
                Out.Line($"stopped after {service.Server.Requests} requests{(mads is null ? "" : $", {mads.Count} MADs captured")}");
                return ExitCode.Success;
            }
            catch (Exception e) when (e is LinkException or IOException or UnauthorizedAccessException or ArgumentException)
            {
                return Out.Usage(e.Message);
            }
        });
        return command;
    }

    private static bool TryTraffic(TrafficOptions load, bool isRecorded, out string problem)
    {
        problem = load.Flows is < 0 or > TrafficOptions.MaxFlows ? $"--traffic takes 1 to {TrafficOptions.MaxFlows} flows"
            : load.Size is < 1 or > TrafficOptions.MaxSize ? $"--traffic-size is 1 to {TrafficOptions.MaxSize} bytes"
            : load.Rate is < 1 or > TrafficOptions.MaxRate ? $"--traffic-rate is 1 to {TrafficOptions.MaxRate} messages"
            : isRecorded ? "--record cannot hold data traffic: leave one of the two out" : "";
        return problem.Length == 0;
    }

    private static bool TryOptions(byte priority, byte lmc, string routing, bool qos, FileInfo? partitions, out ManagerOptions? options, out string problem)
    {
        (options, problem) = (null, "");
        if (priority > 15) problem = $"--priority is 0 to 15, not {priority}";
        else if (lmc > 7) problem = $"--lmc is 0 to 7, not {lmc}";
        else if (routing is not ("minhop" or "updn")) problem = $"--routing is minhop or updn, not '{routing}'";
        if (problem.Length > 0) return false;
        if (!PartitionFile.TryRead(partitions, out var policy, out problem)) return false;
        options = new() { Priority = priority, Lmc = lmc, UsesUpDown = routing == "updn", Partitions = policy, Qos = qos ? new() : null };
        return true;
    }
}
