namespace Weft.Fabric.Sim.Management.Routing;

/// <summary>
/// The switches of a subnet and the cables between them, as flat arrays: what routing works on. Switches are numbered from 0 in the order
/// of being added; a port is found at <see cref="PortIndex"/>.
/// </summary>
public sealed class SwitchGraph
{
    /// <summary>No switch there.</summary>
    public const int None = -1;
    private readonly List<int> bases = [0];
    private int[] peers = [];
    private byte[] peerPorts = [];
    private readonly List<EndPort> ends = [];

    public int Switches => bases.Count - 1;
    /// <summary>Ports of all switches together, port 0 of each included.</summary>
    public int Ports => bases[^1];
    public IReadOnlyList<EndPort> EndPorts => ends;
    /// <summary>Highest LID of an end port, 0 when there is none.</summary>
    public int MaxLid { get; private set; }

    /// <summary>Adds a switch with external ports 1 to <paramref name="ports"/>.</summary>
    /// <returns>Its number.</returns>
    public int AddSwitch(int ports)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ports, 254);
        var start = Ports;
        bases.Add(start + ports + 1);
        if (peers.Length < Ports)
        {
            Array.Resize(ref peers, Math.Max(Ports, peers.Length * 2));
            Array.Resize(ref peerPorts, peers.Length);
        }
        peers.AsSpan(start, ports + 1).Fill(None);
        return Switches - 1;
    }

    /// <summary>Plugs a cable between two switches.</summary>
    public void Connect(int first, byte firstPort, int second, byte secondPort)
    {
        (peers[PortIndex(first, firstPort)], peerPorts[PortIndex(first, firstPort)]) = (second, secondPort);
        (peers[PortIndex(second, secondPort)], peerPorts[PortIndex(second, secondPort)]) = (first, firstPort);
    }

    public void AddEndPort(EndPort end)
    {
        ends.Add(end);
        MaxLid = Math.Max(MaxLid, end.Lid.Value + end.LidCount - 1);
    }

    public int PortCount(int at) => bases[at + 1] - bases[at] - 1;
    public int PortIndex(int at, int port) => bases[at] + port;
    /// <summary>Switch at the other end of a port's cable, or <see cref="None"/>.</summary>
    public int Peer(int at, int port) => peers[bases[at] + port];
    public byte PeerPort(int at, int port) => peerPorts[bases[at] + port];
    /// <summary>For each port of a switch, port 0 first, the switch at the other end.</summary>
    public ReadOnlySpan<int> PeersOf(int at) => peers.AsSpan(bases[at], bases[at + 1] - bases[at]);

    /// <summary>Hops from a switch to every other, into an array of all switches; -1 where there is no way.</summary>
    /// <param name="hops">Filled: one entry a switch.</param>
    /// <param name="queue">Room for all switches; returned in order of distance.</param>
    /// <returns>Switches reached, the first one included.</returns>
    public int Measure(int from, Span<int> hops, Span<int> queue)
    {
        hops.Fill(-1);
        hops[from] = 0;
        queue[0] = from;
        var count = 1;
        for (var head = 0; head < count; head++)
        {
            var at = queue[head];
            foreach (var peer in PeersOf(at))
            {
                if (peer < 0 || hops[peer] >= 0) continue;
                hops[peer] = hops[at] + 1;
                queue[count++] = peer;
            }
        }
        return count;
    }
}
