using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Wire;
using Weft.Protocol.Capture;

namespace Weft.Scenarios.Runner;

/// <summary>
/// Captures what one host's ports send and receive, as a capture program on that host would see it: one side of each conversation,
/// in the order in which it happened there.
/// </summary>
internal sealed class CaptureObserver(PcapngWriter writer, string host) : IWorldObserver
{
    private readonly Dictionary<LinkPort, int> interfaces = [];

    public long Frames { get; private set; }

    public void OnFrameSent(LinkPort from, Frame frame, Instant at) => Write(from, frame, at, CaptureDirection.Outbound);

    public void OnFrameDelivered(LinkPort to, Frame frame, Instant at) => Write(to, frame, at, CaptureDirection.Inbound);

    private void Write(LinkPort port, Frame frame, Instant at, CaptureDirection direction)
    {
        if (port.Node.Name != host) return;
        if (!interfaces.TryGetValue(port, out var number))
        {
            number = writer.AddInterface(port.Name, port.Type == LinkType.Ethernet ? CaptureLinkType.Ethernet : CaptureLinkType.Erf);
            interfaces.Add(port, number);
        }
        writer.Write(number, at, frame.Span, direction);
        Frames++;
    }
}
