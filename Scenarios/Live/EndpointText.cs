using System.Globalization;
using Weft.Fabric.Connections;

namespace Weft.Scenarios.Live;

/// <summary>A peer on the command line: <c>10.0.0.1</c>, <c>10.0.0.1:3260</c>, <c>fd00::1</c> or <c>[fd00::1]:3260</c>. Names are not resolved.</summary>
internal static class EndpointText
{
    /// <exception cref="FormatException">Not an address with or without a port.</exception>
    public static IpEndpoint Parse(string text, ushort defaultPort)
    {
        var (host, port) = (text, defaultPort);
        var colon = text.LastIndexOf(':');
        if (colon >= 0 && (text.IndexOf(':') == colon || text[colon - 1] == ']'))
        {
            host = text[..colon];
            if (!ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port)) throw Malformed(text);
        }
        if (host is ['[', .. var inner, ']']) host = inner;
        return Gid.TryParse(host, out var address) && !address.IsNone ? new(address, port) : throw Malformed(text);
    }

    private static FormatException Malformed(string text) => new($"'{text}' is not an address such as 10.0.0.1, 10.0.0.1:3260 or [fd00::1]:3260");
}
