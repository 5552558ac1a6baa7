using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Wire;
using Weft.Protocol.Analysis;
using Weft.Protocol.Capture;
using Weft.Protocol.Ethernet;

namespace Weft.Scenarios.Runner;

/// <summary>
/// The rules of the wire over what one host's ports send and receive: a broken one fails the run. It sees what a capture at that host
/// shows, and counts frames as that does, so the number in a failure is the one in Wireshark.
/// </summary>
internal sealed class WireCheckObserver : IWorldObserver
{
    private readonly string host;
    private readonly ConversationTracker tracker;
    private World? world;
    private int frames;

    public WireCheckObserver(string host)
    {
        this.host = host;
        tracker = new ConversationTracker(new WireRules(Report), seesEverything: true);
    }

    /// <summary>Which run to fail.</summary>
    public void Attach(World to) => world = to;

    public void OnFrameSent(LinkPort from, Frame frame, Instant at)
    {
        if (from.Node.Name != host) return;
        frames++;
        // Nothing has happened to the frame yet; its ICRC is as the sender made it, which a capture can verify.
        if (from.Type == LinkType.Ethernet && EthernetHeader.TryRead(frame.Span, out var header) && header.EtherType == EtherType.Arp
            && header.Destination == MacAddress.Broadcast) tracker.AddressAsked = at;
        Take(from.Type, frame.Span, at, CaptureDirection.Outbound, verifies: false);
    }

    public void OnFrameDelivered(LinkPort to, Frame frame, Instant at)
    {
        if (to.Node.Name != host) return;
        frames++;
        var bytes = frame.Span;
        // An Ethernet switch floods what it does not know yet: a frame for another host says nothing about what this one received.
        if (to.Type == LinkType.Ethernet && (bytes.Length < EthernetHeader.Length || MacAddress.Read(bytes) != to.SuggestedMac)) return;
        Take(to.Type, bytes, at, CaptureDirection.Inbound, verifies: true);
    }

    private void Take(LinkType type, ReadOnlySpan<byte> frame, Instant at, CaptureDirection direction, bool verifies)
    {
        var linkType = type == LinkType.Ethernet ? CaptureLinkType.Ethernet : CaptureLinkType.InfiniBand;
        tracker.IsNetworkDisturbed = world?.Statistics.FramesDisturbed > 0;
        if (WireReader.Read(frame, frames, at, direction, out var packet, out _, verifies, linkType) == WireVerdict.Good) tracker.Take(packet);
    }

    private void Report(Finding finding)
    {
        if (finding.Severity != FindingSeverity.Violation) return;
        var violation = finding.Violation;
        world?.Fail(violation with { Detail = $"{violation.Detail}, frame {finding.Frame} at {host}, {finding.Where}" });
    }
}
