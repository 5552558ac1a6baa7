using System.Globalization;

namespace Weft.Initiator.Iscsi;

/// <summary>The <c>host[:port][,tag]</c> form of TargetAddress. RFC 7143 §13.8. Host names are not resolved.</summary>
internal static class PortalAddress
{
    public const ushort DefaultPort = 3260;

    public static bool TryParse(ReadOnlySpan<char> text, out IpEndpoint endpoint, out int tag)
    {
        endpoint = default;
        tag = -1;
        var comma = text.LastIndexOf(',');
        if (comma >= 0)
        {
            if (!int.TryParse(text[(comma + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out tag) || tag > ushort.MaxValue) return false;
            text = text[..comma];
        }
        var port = DefaultPort;
        var colon = text.LastIndexOf(':');
        if (colon >= 0 && !text[^1].Equals(']'))
        {
            if (!ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port)) return false;
            text = text[..colon];
        }
        if (text is ['[', .., ']']) text = text[1..^1];
        if (!Gid.TryParse(text.ToString(), out var address)) return false;
        endpoint = new(address, port);
        return true;
    }
}
