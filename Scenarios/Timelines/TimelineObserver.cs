using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Wire;
using Weft.Protocol.Capture;
using Weft.Protocol.Ethernet;
using Weft.Protocol.Ib;
using Weft.Scenarios.Captures;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Timelines;

/// <summary>
/// Draws up the timeline of a simulated run: frames as they leave a host, and what became of each; choices; links; the broken claim. It sees
/// all hosts, and what was lost between them, which no capture shows.
/// </summary>
internal sealed class TimelineObserver : IWorldObserver
{
    private readonly Timeline timeline;
    private readonly CaptureShow show;
    // By number, as the reader of messages counts them.
    private readonly List<TimelineMessage> messages = [];
    // On their way, by what they hold; a copy that the network made finds the last one that arrived.
    private readonly Dictionary<ulong, List<(TimelineMessage Message, byte[] Bytes)>> underWay = [];
    private readonly Dictionary<ulong, TimelineMessage> arrived = [];
    private readonly Dictionary<string, int> addresses = [];
    private World? world;
    private int choices;
    private string? chosen;

    public TimelineObserver(Timeline timeline)
    {
        this.timeline = timeline;
        show = new(Tell);
    }

    /// <summary>Whose clock dates what comes without a time.</summary>
    public void Attach(World to) => world = to;

    public void OnFrameSent(LinkPort from, Frame frame, Instant at)
    {
        if (from.Node.IsSwitch || IsSubnetManagement(from, frame.Span)) return;
        var bytes = frame.Span.ToArray();
        var message = new TimelineMessage { From = timeline.Column(from.Node.Name), Sent = at };
        messages.Add(message);
        timeline.Send(message);
        var key = KeyOf(bytes);
        if (!underWay.TryGetValue(key, out var alike)) underWay.Add(key, alike = []);
        alike.Add((message, bytes));
        var type = from.Type == LinkType.Ethernet ? CaptureLinkType.Ethernet : CaptureLinkType.InfiniBand;
        show.Take(new CapturedPacket(messages.Count, 0, type, at, bytes, (uint)bytes.Length));
    }

    public void OnFrameDelivered(LinkPort to, Frame frame, Instant at)
    {
        if (to.Node.IsSwitch || IsForAnother(to, frame.Span) || IsSubnetManagement(to, frame.Span)) return;
        var key = KeyOf(frame.Span);
        if (Take(key) is { } message)
        {
            arrived[key] = message;
            Arrive(message, to, at);
        }
        else if (arrived.TryGetValue(key, out var last))
        {
            var copy = new TimelineMessage { From = last.From, Sent = last.Sent, Text = last.Text, IsMinor = last.IsMinor, Trouble = "a copy that the network made" };
            timeline.Send(copy);
            Arrive(copy, to, at);
        }
        else if (TakeDamaged(frame.Span) is { } damaged)
        {
            damaged.Trouble = "damaged on its way";
            Arrive(damaged, to, at);
        }
    }

    public void OnFrameDropped(LinkPort from, Frame frame, DropReason reason, Instant at)
    {
        if (IsSubnetManagement(from, frame.Span)) return;
        var message = Take(KeyOf(frame.Span)) ?? TakeDamaged(frame.Span);
        if (message is not null) message.Trouble = reason switch
        {
            DropReason.Loss => "lost",
            DropReason.Fault => "dropped: planned",
            DropReason.Cut => "lost: the cable is cut",
            DropReason.LinkDown => "lost: the link is down",
            DropReason.QueueFull => "lost: queue full",
            DropReason.NoReceiver => "nobody there",
            _ => $"lost: {reason}",
        };
    }

    public void OnChoice(in ChoicePoint point, int alternatives, int chosen, bool isOpen)
    {
        if (!isOpen || alternatives < 2) return;
        choices++;
        if (chosen == 0) return;
        var text = $"choice {choices}, {ChoiceKinds.NameOf(point.Kind)} {point.Subject}: alternative {chosen} of 0 to {alternatives - 1}";
        // What orders events is answered just before the event that it picks.
        if (ChoiceKinds.Order.Has(point.Kind)) this.chosen = text;
        else timeline.Add(new(world!.Now, -1, TimelineMarkKind.Choice, text));
    }

    public void OnEvent(SimNode node, string source, ChoiceKind kind, Instant at)
    {
        if (chosen is null) return;
        timeline.Add(new(at, node.IsSwitch || node == world!.Script ? -1 : timeline.Column(node.Name), TimelineMarkKind.Choice, $"{chosen}, which is \"{source}\""));
        chosen = null;
    }

    public void OnLinkState(SimLink link, bool isUp, Instant at) =>
        timeline.Add(new(at, link.A.Node.IsSwitch ? -1 : timeline.Column(link.A.Node.Name), TimelineMarkKind.Link, $"{link.A.Name} is {(isUp ? "up" : "down")}"));

    /// <summary>The run is over: messages get their receivers, and a failure its mark.</summary>
    public void End(RunResult result)
    {
        if (result.HasFailed)
            timeline.Add(new(result.Statistics.Time, -1, TimelineMarkKind.Failure, $"{(result.Rule.Length > 0 ? result.Rule : result.Outcome.ToString())}: {result.Reason}"));
    }

    private bool Tell(ShownMessage shown)
    {
        if (shown.Source.Length == 0) return true; // no packet of ours
        var message = messages[shown.Frame - 1];
        addresses.TryAdd(shown.Source, message.From);
        if (message.To < 0 && addresses.TryGetValue(shown.Destination, out var to)) message.To = to;
        message.Text = message.Text.Length == 0 ? shown.Text : $"{message.Text}; {shown.Text}";
        message.IsMinor = shown.IsDetail;
        return true;
    }

    private void Arrive(TimelineMessage message, LinkPort to, Instant at)
    {
        message.To = timeline.Column(to.Node.Name);
        timeline.Arrive(message, at);
    }

    private TimelineMessage? Take(ulong key)
    {
        if (!underWay.TryGetValue(key, out var alike) || alike.Count == 0) return null;
        var first = alike[0].Message;
        alike.RemoveAt(0);
        if (alike.Count == 0) underWay.Remove(key);
        return first;
    }

    /// <summary>The one that differs in one bit: chance flips no more.</summary>
    private TimelineMessage? TakeDamaged(ReadOnlySpan<byte> frame)
    {
        foreach (var (key, alike) in underWay)
        {
            foreach (var (_, bytes) in alike)
                if (bytes.Length == frame.Length && DiffersInOneBit(bytes, frame)) return Take(key);
        }
        return null;
    }

    private static bool DiffersInOneBit(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var at = a.CommonPrefixLength(b);
        return at < a.Length && System.Numerics.BitOperations.IsPow2(a[at] ^ b[at]) && a[(at + 1)..].SequenceEqual(b[(at + 1)..]);
    }

    /// <summary>FNV-1a, 64 bits.</summary>
    private static ulong KeyOf(ReadOnlySpan<byte> frame)
    {
        var key = 0xCBF2_9CE4_8422_2325;
        foreach (var b in frame) key = (key ^ b) * 0x100_0000_01B3;
        return key;
    }

    /// <summary>
    /// A manager's packets, on virtual lane 15: thousands in a sweep, between which nothing else could be found, and each switch on the way
    /// makes them anew.
    /// </summary>
    private static bool IsSubnetManagement(LinkPort at, ReadOnlySpan<byte> frame) => at.Type == LinkType.InfiniBand && frame[0] >> 4 == IbPort.ManagementLane;

    /// <summary>A switch floods what it does not know yet.</summary>
    private static bool IsForAnother(LinkPort to, ReadOnlySpan<byte> frame) =>
        to.Type == LinkType.Ethernet && (frame.Length < EthernetHeader.Length || MacAddress.Read(frame) != to.SuggestedMac);
}
