using System.Globalization;
using Weft.Fabric.Connections;

namespace Weft.Initiator.Srp;

/// <summary>What the options of an <c>add_target</c> string look like.</summary>
internal static class SrpAddTargetOption
{
    private const string Guid = "up to 16 hexadecimal digits";
    private static readonly Dictionary<string, string> Forms = new(StringComparer.Ordinal)
    {
        ["id_ext"] = Guid, ["ioc_guid"] = Guid, ["service_id"] = Guid, ["initiator_ext"] = Guid,
        ["pkey"] = "up to 4 hexadecimal digits", ["io_class"] = "0100 or ff00", ["dgid"] = "32 hexadecimal digits",
        ["dest"] = "address:port, an IPv6 address in brackets", ["src"] = "an address", ["max_sect"] = "sectors, 1 and more",
        ["max_cmd_per_lun"] = "1 and more", ["queue_size"] = "1..4096", ["target_can_queue"] = "1 and more", ["cmd_sg_entries"] = "1..255",
        ["sg_tablesize"] = "1..2048", ["allow_ext_sg"] = "0 or 1", ["comp_vector"] = "0 and more", ["tl_retry_count"] = "2..7",
        ["max_it_iu_size"] = "0 and more", ["ch_count"] = "1..64",
    };

    public static bool IsKnown(string name) => Forms.ContainsKey(name);

    public static string FormOf(string name) => Forms[name];

    /// <summary><c>ip:port</c> or <c>[ipv6]:port</c>; the port is not optional.</summary>
    public static bool TryParseEndpoint(string text, out IpEndpoint endpoint)
    {
        endpoint = default;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0) return false;
        var host = text[..colon];
        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (!isBracketed && host.Contains(':')) return false;
        if (!Gid.TryParse(isBracketed ? host[1..^1] : host, out var address)) return false;
        endpoint = new(address, port);
        return true;
    }
}
