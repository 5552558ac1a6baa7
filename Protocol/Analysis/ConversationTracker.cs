using Weft.Protocol.Ib;

namespace Weft.Protocol.Analysis;

/// <summary>
/// Puts the packets of a wire together to connections: finds both directions of each (by its CM exchange, or by acknowledgements that
/// fit), follows the PSNs of both, joins SENDs, tells what is spoken. It only looks. One per wire or capture; not shared between threads.
/// </summary>
/// <param name="listener">Told of everything, in order.</param>
/// <param name="seesEverything">
/// Whether every packet that either end of a connection receives passes here, as at a host's own port in a simulated world. A capture
/// program may miss some; what was then not seen is a note and no violation.
/// </param>
public sealed partial class ConversationTracker(IWireListener listener, bool seesEverything = false)
{
    /// <summary>Path MTU that fits the usual Ethernet MTU: assumed where nothing else tells how many packets a READ takes.</summary>
    private const int UsualMtu = 1024;
    private const int MaxUnpaired = 256;
    private readonly Dictionary<ChannelKey, Channel> channels = [];
    private readonly List<Channel> unpaired = [];
    private ChannelKey lastKey;
    private Channel? last;
    private int conversations;

    /// <summary>
    /// When the host last asked for a neighbour's address. What waits for the answer waits in a queue that may drop its oldest
    /// (RFC 1122 §2.3.2.2 asks for one place), so for a while packets may be missing that the sender's engine did send.
    /// </summary>
    public Instant? AddressAsked { get; set; }

    /// <summary>
    /// Whether the network has doubled or delayed frames, where all is seen: a packet that a host receives again need not have been sent again.
    /// </summary>
    public bool IsNetworkDisturbed { get; set; }

    /// <summary>Connections seen, refused ones too.</summary>
    public int Count => conversations - merged;
    private int merged;

    /// <summary>Looks at one good packet.</summary>
    public void Take(in WirePacket packet)
    {
        var transport = packet.Transport;
        switch (transport.Service)
        {
            case TransportService.ReliableConnection:
                var channel = Find(packet, isUnreliable: false);
                listener.OnPacket(packet, channel);
                CheckPartition(packet, channel);
                if (transport.Info.IsResponse) TakeResponse(packet, channel);
                else TakeRequest(packet, channel);
                break;
            case TransportService.UnreliableConnection:
                channel = Find(packet, isUnreliable: true);
                listener.OnPacket(packet, channel);
                CheckPartition(packet, channel);
                TakeRequest(packet, channel);
                break;
            default:
                listener.OnPacket(packet, null);
                if (transport.DestQp == Qpn.Gsi && transport.Service == TransportService.UnreliableDatagram) TakeManagement(packet);
                break;
        }
    }

    private Channel Find(in WirePacket packet, bool isUnreliable)
    {
        var key = new ChannelKey(packet.Source, packet.Destination, packet.Transport.DestQp);
        if (last is not null && key == lastKey) return last;
        if (!channels.TryGetValue(key, out var channel))
        {
            var conversation = new Conversation(++conversations) { IsUnreliable = isUnreliable };
            channel = new Channel(conversation, packet.Source, packet.Destination, key.QueuePair);
            conversation.Forward = channel;
            channels.Add(key, channel);
            if (unpaired.Count < MaxUnpaired) unpaired.Add(channel);
        }
        (lastKey, last) = (key, channel);
        return channel;
    }

    private Channel Open(Conversation conversation, Gid source, Gid destination, Qpn queuePair, Psn start)
    {
        var key = new ChannelKey(source, destination, queuePair);
        if (channels.TryGetValue(key, out var old))
        {
            unpaired.Remove(old);
            listener.OnClosed(old.Conversation);
        }
        var channel = new Channel(conversation, source, destination, queuePair);
        channel.Requests.Start(start, isWhole: true);
        channels[key] = channel;
        last = null;
        return channel;
    }

    /// <summary>A response without a known other direction: the requests that it answers belong to a connection whose responses were not seen.</summary>
    private void Pair(in WirePacket packet, Channel channel)
    {
        if (!unpaired.Contains(channel)) return;
        Channel? found = null;
        foreach (var other in unpaired)
        {
            if (other.Source != channel.Destination || other.Destination != channel.Source || other == channel) continue;
            if (!other.Requests.Remembers(packet.Transport.Psn)) continue;
            if (found is not null) return; // two would fit: a later response tells
            found = other;
        }
        if (found is null) return;
        unpaired.Remove(found);
        unpaired.Remove(channel);
        var (kept, given) = (found.Conversation, channel.Conversation);
        kept.Backward = channel;
        channel.Conversation = kept;
        if (kept.Mtu == 0) kept.Mtu = given.Mtu;
        kept.PKey ??= given.PKey;
        if (kept.Ulp == Ulp.Unknown) kept.Ulp = given.Ulp;
        merged++;
        listener.OnClosed(given);
    }

    private void CheckPartition(in WirePacket packet, Channel channel)
    {
        var key = packet.Transport.PKey;
        if (channel.Conversation.PKey is not { } expected) channel.Conversation.PKey = key;
        else if (key != expected && !key.Matches(expected))
            Violated(packet, channel, "p-key", "IBA 9.6.1.1.2", $"P_Key {key} on a connection of {expected}");
    }

    private void Violated(in WirePacket packet, Channel channel, string rule, string spec, string detail) =>
        listener.OnFinding(FindingSeverity.Violation, packet, channel.Conversation, new(rule, spec, detail));

    private void Noted(in WirePacket packet, Channel channel, string rule, string spec, string detail) =>
        listener.OnFinding(FindingSeverity.Note, packet, channel.Conversation, new(rule, spec, detail));
}
