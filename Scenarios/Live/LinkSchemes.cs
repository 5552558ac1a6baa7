using Weft.Fabric.Hw;
using Weft.Fabric.Hw.Linux;

namespace Weft.Scenarios.Live;

/// <summary>The kinds of links that --link takes. A program around ours may add its own before it runs the command line.</summary>
internal static class LinkSchemes
{
    private static readonly List<LinkScheme> All =
    [
        new("eth", "eth:IFACE", "for a network interface (needs CAP_NET_RAW)", request => PacketSocketLink.Open(request.Rest)),
        new("unix", "unix:LOCAL,REMOTE", "for QEMU's dgram netdev", OpenUnix),
    ];

    /// <summary>Every form, as the help shows it.</summary>
    public static string Forms => string.Join('|', All.Select(s => s.Form));

    /// <summary>Every form with its use, as the option's description says it.</summary>
    public static string Description => $"The link: {string.Join("; ", All.Select(s => $"`{s.Form}` {s.Use}"))}.";

    public static void Add(LinkScheme scheme) => All.Add(scheme);

    /// <param name="spec">What --link was given.</param>
    /// <exception cref="LinkException">It is malformed or cannot be opened; the message says which and what to do.</exception>
    public static IPolledLink Open(string spec, int mtu, bool awaitsPeer)
    {
        var link = spec.Split(':', 2) is [var name, { Length: > 0 } rest] ? All.Find(s => s.Name == name)?.Open(new(rest, mtu, awaitsPeer)) : null;
        return link ?? throw new LinkException($"'{spec}' is not a link; give {string.Join(", or ", All.Select(s => s.Form))}");
    }

    private static UnixDatagramLink? OpenUnix(LinkRequest request) => request.Rest.Split(',') is [{ Length: > 0 } local, { Length: > 0 } remote]
        ? UnixDatagramLink.Open(local, remote, request.Mtu, request.AwaitsPeer)
        : null;
}
