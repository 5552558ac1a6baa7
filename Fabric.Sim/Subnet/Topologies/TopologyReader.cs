using System.Globalization;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet.Topologies;

/// <summary>
/// Reads a topology in the form that ibnetdiscover prints and ibsim reads: attribute lines (caguid=0x…), a node line (Ca 1 "id" # "description"),
/// one line for each cabled port ([1](guid) "peer"[2] # … 4xEDR), an empty line. A cable may be listed at one end or at both. LIDs in
/// the remarks are not read: the manager gives them out.
/// </summary>
public sealed class TopologyReader
{
    private const ulong FirstMadeUpGuid = 0x0001_0000_0000_0000, MadeUpGuidStep = 0x100;
    private readonly IbSubnet subnet = new();
    private readonly List<Cable> cables = [];
    private readonly Dictionary<string, ulong> attributes = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Guid64> portGuids = [];
    private PendingNode? pending;
    private ulong? attributePortGuid;
    private TopologyError? error;
    private int line;

    private sealed record PendingNode(int Line, NodeType Type, int Ports, string Id, string Description);
    private readonly record struct Cable(int Line, string Node, int Port, string PeerNode, int PeerPort, LinkRate? Rate);

    private TopologyReader()
    {
    }

    /// <summary>Reads a whole file; false, with the first thing that is wrong, when it is not a topology.</summary>
    public static bool TryRead(string text, out IbSubnet subnet, out TopologyError? error)
    {
        var reader = new TopologyReader();
        reader.Run(text);
        (subnet, error) = (reader.subnet, reader.error);
        return error is null;
    }

    private void Run(string text)
    {
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            line++;
            if (!TakeLine(raw)) return;
        }
        line++;
        if (!EndNode()) return;
        if (subnet.Nodes.Count == 0)
        {
            Fail(1, "there is no node in it: a line such as Ca 1 \"H-1\" or Switch 36 \"S-1\" begins one");
            return;
        }
        foreach (var cable in cables)
            if (!Plug(cable)) return;
    }

    private bool TakeLine(ReadOnlySpan<char> raw)
    {
        var hash = OutsideQuotes(raw, '#');
        var remark = hash < 0 ? [] : raw[(hash + 1)..].Trim();
        var content = (hash < 0 ? raw : raw[..hash]).Trim();
        if (content.IsEmpty) return hash >= 0 || EndNode(); // an empty line ends a node, a line of remarks does not
        if (content[0] == '[') return TakeCable(content, remark);
        var equals = content.IndexOf('=');
        return equals > 0 && !content[..equals].Contains('"') ? TakeAttribute(content[..equals].Trim(), content[(equals + 1)..].Trim()) : TakeNode(content, remark);
    }

    private static int OutsideQuotes(ReadOnlySpan<char> text, char wanted)
    {
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') isQuoted = !isQuoted;
            else if (text[i] == wanted && !isQuoted) return i;
        }
        return -1;
    }

    private bool TakeAttribute(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (pending is not null && !EndNode()) return false;
        var open = value.IndexOf('(');
        if (open >= 0)
        {
            if (value[^1] != ')' || !TryHex(value[(open + 1)..^1], out var guid)) return Fail(line, $"'{value}' is not a GUID with a port GUID in parentheses");
            attributePortGuid = guid;
            value = value[..open];
        }
        if (!TryHex(value, out var number)) return Fail(line, $"'{value}' is not a hexadecimal number");
        attributes[name.ToString()] = number;
        return true;
    }

    private bool TakeNode(ReadOnlySpan<char> content, ReadOnlySpan<char> remark)
    {
        if (pending is not null && !EndNode()) return false;
        var blank = content.IndexOfAny(' ', '\t');
        NodeType? type = (blank < 0 ? content : content[..blank]) switch
        {
            "Ca" or "Hca" => NodeType.Ca, "Switch" => NodeType.Switch, "Rt" or "Router" => NodeType.Router, _ => null,
        };
        if (type is null) return Fail(line, $"'{content}' is none of Ca, Switch, Rt, name=value and [port]");
        var rest = blank < 0 ? [] : content[blank..].Trim();
        var digits = rest.IndexOfAnyExceptInRange('0', '9');
        if (digits < 1 || !int.TryParse(rest[..digits], CultureInfo.InvariantCulture, out var ports) || ports is < 1 or > 254)
            return Fail(line, "a node line names its ports, 1 to 254, behind its type");
        if (!TryQuoted(rest[digits..].Trim(), out var id, out var behind) || !behind.IsEmpty || id.IsEmpty) return Fail(line, "a node line ends with the node's id in quotes");
        if (subnet.Find(id.ToString()) is not null) return Fail(line, $"there are two nodes \"{id}\"");
        pending = new(line, type.Value, ports, id.ToString(), Description(remark));
        return true;
    }

    /// <summary>The description stands in quotes; it may hold quotes itself.</summary>
    private static string Description(ReadOnlySpan<char> remark)
    {
        var (first, last) = (remark.IndexOf('"'), remark.LastIndexOf('"'));
        return first >= 0 && last > first ? remark[(first + 1)..last].ToString() : "";
    }

    private bool TakeCable(ReadOnlySpan<char> content, ReadOnlySpan<char> remark)
    {
        if (pending is null) return Fail(line, "a port belongs to a node: a node line is missing above");
        if (!TryPort(ref content, out var port)) return Fail(line, "a port line begins with its number in brackets");
        if (port > pending.Ports) return Fail(line, $"\"{pending.Id}\" has {pending.Ports} ports, and no port {port}");
        if (TryParenthesis(ref content, out var guid)) portGuids[port] = guid;
        if (!TryQuoted(content, out var peer, out content) || !TryPort(ref content, out var peerPort))
            return Fail(line, "a port line names its peer as \"id\"[port]");
        TryParenthesis(ref content, out _);
        if (!content.IsEmpty) return Fail(line, $"'{content}' behind the peer means nothing");
        LinkRate? rate = LinkRate.TryParse(remark[(remark.LastIndexOfAny(' ', '\t') + 1)..], out var parsed) ? parsed : null;
        cables.Add(new(line, pending.Id, port, peer.ToString(), peerPort, rate));
        return true;
    }

    private static bool TryPort(ref ReadOnlySpan<char> text, out int port)
    {
        port = 0;
        var close = text.IndexOf(']');
        if (close < 2 || text[0] != '[' || !int.TryParse(text[1..close], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 254) return false;
        text = text[(close + 1)..].Trim();
        return true;
    }

    private static bool TryParenthesis(ref ReadOnlySpan<char> text, out Guid64 guid)
    {
        guid = default;
        var close = text.IndexOf(')');
        if (text.IsEmpty || text[0] != '(' || close < 2 || !TryHex(text[1..close], out var value)) return false;
        guid = new(value);
        text = text[(close + 1)..].Trim();
        return true;
    }

    private static bool TryQuoted(ReadOnlySpan<char> text, out ReadOnlySpan<char> inside, out ReadOnlySpan<char> behind)
    {
        inside = default;
        behind = text;
        if (text.IsEmpty || text[0] != '"' || text[1..].IndexOf('"') is not (>= 0 and var end)) return false;
        inside = text.Slice(1, end);
        behind = text[(end + 2)..].Trim();
        return true;
    }

    private static bool TryHex(ReadOnlySpan<char> text, out ulong value)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) text = text[2..];
        return ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A node is made when all its lines have been read, since its ports' GUIDs stand there.</summary>
    private bool EndNode()
    {
        if (pending is not { } node) return true;
        var guid = attributes.TryGetValue(node.Type switch { NodeType.Switch => "switchguid", NodeType.Router => "rtguid", _ => "caguid" }, out var given)
            ? given : FirstMadeUpGuid + MadeUpGuidStep * (ulong)subnet.Nodes.Count;
        if (node.Type == NodeType.Switch && attributePortGuid is { } port0) portGuids[0] = new(port0);
        if (guid == 0 || subnet.Find(new Guid64(guid)) is not null) return Fail(node.Line, $"the GUID 0x{guid:x16} of \"{node.Id}\" is {(guid == 0 ? "zero" : "taken")}");
        subnet.Add(new()
        {
            Id = node.Id, Type = node.Type, PortCount = node.Ports, Guid = new(guid), Description = node.Description,
            SystemImageGuid = attributes.TryGetValue("sysimgguid", out var image) ? new Guid64(image) : null,
            PortGuids = portGuids.Count == 0 ? null : new Dictionary<int, Guid64>(portGuids),
            VendorId = (uint)(attributes.GetValueOrDefault("vendid", 0x2C9ul) & 0xFF_FFFF),
            DeviceId = attributes.TryGetValue("devid", out var device) ? (ushort)device : null,
        });
        (pending, attributePortGuid) = (null, null);
        attributes.Clear();
        portGuids.Clear();
        return true;
    }

    private bool Plug(in Cable cable)
    {
        var port = subnet.Find(cable.Node)![cable.Port];
        if (subnet.Find(cable.PeerNode) is not { } peerNode) return Fail(cable.Line, $"there is no node \"{cable.PeerNode}\"");
        if (peerNode.Find(cable.PeerPort) is not { } peer) return Fail(cable.Line, $"\"{cable.PeerNode}\" has {peerNode.PortCount} ports, and no port {cable.PeerPort}");
        if (port.Peer == peer) return true; // the other end has said so already
        if (port == peer) return Fail(cable.Line, $"{port} is cabled to itself");
        if (port.Peer is { } other) return Fail(cable.Line, $"{port} is cabled to {other} already");
        if (peer.Peer is { } another) return Fail(cable.Line, $"{peer} is cabled to {another} already");
        subnet.Connect(port, peer, cable.Rate);
        return true;
    }

    private bool Fail(int at, string message)
    {
        error = new(at, message);
        return false;
    }
}
