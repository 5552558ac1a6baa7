using System.Globalization;
using System.Text;
using Weft.Fabric.Sim.Subnet.Topologies;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>
/// Commands to a served subnet while it runs, one line each, as ibsim's console has them: what happens to cables and counters, and how
/// things stand. Ports are named "node"[port], by the node's id or description.
/// </summary>
public sealed class SubnetConsole(IbSubnet subnet, UmadServer server)
{
    private readonly Dictionary<SubnetPort, SubnetPort> pulled = [];

    /// <summary>Describes the data traffic; null: there is none.</summary>
    public Func<string>? Traffic { get; init; }

    public const string Help =
        """
        unlink "NODE"[PORT]                    pulls the cable out of a port
        relink "NODE"[PORT]                    plugs it in again where it was
        link "NODE"[PORT] "NODE"[PORT]         plugs in a new cable
        cut "NODE"[PORT], mend "NODE"[PORT]    breaks the cable, and repairs it
        error "NODE"[PORT] COUNTER=VALUE...    sets counters, by the names that perfquery prints
        clear "NODE"[PORT]                     sets all its counters to zero
        dump ["NODE"]                          nodes and links, or one node's ports
        route LID LID                          the way from port to port by the forwarding tables
        reach                                  how many pairs of ports reach each other, by tables, links and P_Keys
        attached                               programs at the management port
        traffic                                data flows between hosts, and how they fare
        netlist                                the topology as ibnetdiscover prints it
        help
        """;

    /// <summary>Carries out a line. False: it was wrong, and the answer says how; nothing has changed.</summary>
    public bool Execute(string line, Instant now, out string answer)
    {
        var words = Split(line);
        if (words.Count == 0)
        {
            answer = "";
            return true;
        }
        var arguments = words.GetRange(1, words.Count - 1);
        try
        {
            answer = Run(words[0].ToLowerInvariant(), arguments);
            return true;
        }
        catch (ConsoleException e)
        {
            answer = e.Message;
            return false;
        }
        finally
        {
            server.SendNotices(now);
        }
    }

    /// <summary>A line that cannot be carried out.</summary>
    private sealed class ConsoleException(string message) : Exception(message);

    private string Run(string command, List<string> arguments) => command switch
    {
        "unlink" => Unlink(Port(Only(arguments, command))),
        "relink" => Relink(Port(Only(arguments, command))),
        "link" => arguments.Count == 2 ? Link(Port(arguments[0]), Port(arguments[1])) : throw new ConsoleException("link wants two ports"),
        "cut" => Cut(Port(Only(arguments, command)), true),
        "mend" => Cut(Port(Only(arguments, command)), false),
        "error" => arguments.Count >= 2 ? SetCounters(Port(arguments[0]), arguments.GetRange(1, arguments.Count - 1)) : throw new ConsoleException("error wants a port and COUNTER=VALUE"),
        "clear" => Clear(Port(Only(arguments, command))),
        "dump" => arguments.Count == 0 ? DumpAll() : Dump(Node(Only(arguments, command))),
        "route" => arguments.Count == 2 ? Route(Number(arguments[0]), Number(arguments[1])) : throw new ConsoleException("route wants two LIDs"),
        "reach" => Management.Checks.Reachability.Measure(subnet).ToString(),
        "attached" => Attached(),
        "traffic" => Traffic?.Invoke() ?? throw new ConsoleException("there is no data traffic; weft subnet serve --traffic makes some"),
        "netlist" => TopologyWriter.ToText(subnet).TrimEnd('\n'),
        "help" => Help,
        _ => throw new ConsoleException($"there is no command '{command}'; help lists those there are"),
    };

    /// <summary>Words are parted by blanks outside of quotes.</summary>
    private static List<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isQuoted = false;
        foreach (var c in line)
        {
            if (c == '"') isQuoted = !isQuoted;
            if (isQuoted || !char.IsWhiteSpace(c)) word.Append(c);
            else if (word.Length > 0) Take();
        }
        if (word.Length > 0) Take();
        return words;

        void Take()
        {
            words.Add(word.ToString());
            word.Clear();
        }
    }

    private static string Only(List<string> arguments, string command) =>
        arguments.Count == 1 ? arguments[0] : throw new ConsoleException($"{command} wants one argument, not {arguments.Count}");

    private SubnetPort Port(string name) =>
        PortName.Find(subnet, name) ?? throw new ConsoleException($"there is no port {name}; ports are named \"node\"[number], and dump lists them");

    private SubnetNode Node(string name) => subnet.FindByName(name.Trim('"')) ?? throw new ConsoleException($"there is no node {name}; dump lists them");

    private static int Number(string text)
    {
        var isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return int.TryParse(isHex ? text[2..] : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value : throw new ConsoleException($"'{text}' is not a number");
    }

    private string Unlink(SubnetPort port)
    {
        var peer = port.Peer ?? throw new ConsoleException($"nothing is plugged into {port}");
        subnet.Disconnect(port);
        (pulled[port], pulled[peer]) = (peer, port);
        return $"{port} and {peer} are no longer linked";
    }

    private string Relink(SubnetPort port)
    {
        if (!pulled.Remove(port, out var peer)) throw new ConsoleException($"no cable has been pulled out of {port}");
        pulled.Remove(peer);
        return Link(port, peer);
    }

    private string Link(SubnetPort port, SubnetPort peer)
    {
        try
        {
            subnet.Connect(port, peer);
        }
        catch (InvalidOperationException e)
        {
            throw new ConsoleException(e.Message);
        }
        return $"{port} and {peer} are linked";
    }

    private string Cut(SubnetPort port, bool isCut)
    {
        if (port.Peer is null) throw new ConsoleException($"nothing is plugged into {port}");
        subnet.SetCable(port, isCut);
        return $"the cable of {port} is {(isCut ? "cut" : "whole")}";
    }

    private static string SetCounters(SubnetPort port, List<string> settings)
    {
        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=');
            if (equals < 0 || !ulong.TryParse(setting[(equals + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                || !PerformanceAgent.TrySetCounter(port, setting[..equals], value))
                throw new ConsoleException($"'{setting}' is not COUNTER=VALUE; counters are {PerformanceAgent.CounterNames}");
        }
        return $"counters of {port} are set";
    }

    private static string Clear(SubnetPort port)
    {
        port.Counters = default;
        return $"counters of {port} are zero";
    }

    private string DumpAll()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{subnet.Nodes.Count} nodes");
        foreach (var node in subnet.Nodes)
        {
            var up = 0;
            foreach (var port in node.Ports)
                if (port is { Peer: not null, IsLinkUp: true }) up++;
            text.Append(CultureInfo.InvariantCulture, $"\n{node} {up} of {node.PortCount} ports up");
        }
        return text.ToString();
    }

    private static string Dump(SubnetNode node)
    {
        var text = new StringBuilder().Append(node);
        foreach (var port in node.Ports)
        {
            if (port is null) continue;
            text.Append(CultureInfo.InvariantCulture, $"\n  [{port.Number}] {port.State}/{port.Info.PhysicalState}");
            if (port.IsEndPort) text.Append(CultureInfo.InvariantCulture, $" lid {port.Lid.Value} lmc {port.Info.Lmc}");
            if (port.Peer is { } peer) text.Append(CultureInfo.InvariantCulture, $" to {peer} \"{peer.Node.Description}\"{(port.IsCableCut ? ", cable cut" : "")}");
        }
        return text.ToString();
    }

    private string Route(int from, int to)
    {
        var source = subnet.Find(new Lid((ushort)from)) ?? throw new ConsoleException($"no port has LID {from}");
        var target = new Lid((ushort)to);
        var text = new StringBuilder().Append(source);
        var at = source;
        for (var hops = 0; hops <= MadWalk.MaxSwitches; hops++)
        {
            if (at.EndPort.Owns(target) && (at != source || source.Owns(target))) return text.ToString();
            var exit = at.Node.Forwarding is { } tables ? at.Node.Find(tables.PortOf(target)) : at;
            if (exit?.Peer is not { } next || exit.State != PortState.Active) return text.Append(CultureInfo.InvariantCulture, $"\n  no way on to LID {to}").ToString();
            text.Append(CultureInfo.InvariantCulture, $"\n  {exit} -> {next} \"{next.Node.Description}\"");
            at = next;
        }
        return text.Append("\n  the forwarding tables lead in a circle").ToString();
    }

    private string Attached()
    {
        var text = new StringBuilder();
        foreach (var client in server.Clients)
            if (client is not null) text.Append(CultureInfo.InvariantCulture, $"{client}: {client.Requests} requests, {client.TimedOut} timed out\n");
        return text.Length == 0 ? "no program is attached" : text.ToString().TrimEnd('\n');
    }
}
