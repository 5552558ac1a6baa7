using System.Globalization;

namespace Weft.Protocol.Iscsi.Text;

/// <summary>Value of TargetAddress: <c>host[:port][,tag]</c>, an IPv6 host in brackets. RFC 7143 §13.8.</summary>
public readonly record struct PortalAddress(string Host, ushort Port = PortalAddress.DefaultPort, ushort? GroupTag = null)
{
    public const ushort DefaultPort = 3260;

    public static bool TryParse(string text, out PortalAddress address)
    {
        address = default;
        ushort? tag = null;
        var comma = text.LastIndexOf(',');
        if (comma >= 0)
        {
            if (!ushort.TryParse(text.AsSpan(comma + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
            (tag, text) = (number, text[..comma]);
        }
        var end = text.StartsWith('[') ? text.IndexOf(']') : -1;
        if (text.StartsWith('[') && end < 2) return false;
        var colon = text.IndexOf(':', Math.Max(end, 0));
        var host = end > 0 ? text[1..end] : colon >= 0 ? text[..colon] : text;
        if (host.Length == 0 || (end > 0 && end + 1 < text.Length && colon != end + 1)) return false;
        var port = DefaultPort;
        if (colon >= 0 && !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)) return false;
        address = new(host, port, tag);
        return true;
    }

    public override string ToString()
    {
        var host = Host.Contains(':') ? $"[{Host}]" : Host;
        return GroupTag is null ? FormattableString.Invariant($"{host}:{Port}") : FormattableString.Invariant($"{host}:{Port},{GroupTag}");
    }
}
