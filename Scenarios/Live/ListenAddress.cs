using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Weft.Scenarios.Live;

/// <summary>Where a command listens for local clients: a path, or <c>port</c>, <c>address:port</c>, <c>[address]:port</c>.</summary>
internal static class ListenAddress
{
    /// <exception cref="FormatException">Neither or both given, or malformed.</exception>
    public static EndPoint Parse(string? path, string? tcp)
    {
        if ((path is null) == (tcp is null)) throw new FormatException("give either --socket PATH or --tcp [ADDRESS:]PORT");
        return path is not null ? Path(path) : Tcp(tcp!);
    }

    private static UnixDomainSocketEndPoint Path(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentException)
        {
            throw new FormatException($"'{path}' cannot be a socket: its path is empty or longer than the 107 bytes that unix(7) has");
        }
    }

    // A port alone is for this machine only: the protocol has no authentication.
    private static IPEndPoint Tcp(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? new(IPAddress.Loopback, port)
        : text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var address) && !text.EndsWith(']') ? address
        : throw new FormatException($"'{text}' is not a TCP address; give PORT, ADDRESS:PORT or [ADDRESS]:PORT");
}
