using Weft.Fabric.Execution;
using Weft.Fabric.Wire;
using Weft.Protocol.Capture;

namespace Weft.Fabric.Capture;

/// <summary>
/// A link around a link that writes every frame, sent or received, to a pcapng file under the link's name and with the executor's time.
/// Where nothing is captured there is no tap at all: <see cref="Around"/> then gives the link itself.
/// </summary>
/// <remarks>The writer belongs to one thread: links of one executor, or of one simulated world, may share it.</remarks>
public sealed class CaptureTap : ILink, ILinkReceiver
{
    private readonly ILink inner;
    private readonly IExecutor executor;
    private readonly PcapngWriter writer;
    private readonly int number;
    private ILinkReceiver? receiver;

    public CaptureTap(ILink inner, IExecutor executor, PcapngWriter writer)
    {
        (this.inner, this.executor, this.writer) = (inner, executor, writer);
        number = writer.AddInterface(inner.Name, inner.Type == LinkType.InfiniBand ? CaptureLinkType.Erf : CaptureLinkType.Ethernet);
    }

    /// <param name="writer">Where to capture to, or <c>null</c> for no capture.</param>
    public static ILink Around(ILink link, IExecutor executor, PcapngWriter? writer) => writer is null ? link : new CaptureTap(link, executor, writer);

    public string Name => inner.Name;
    public LinkType Type => inner.Type;
    public int Mtu => inner.Mtu;
    public bool IsUp => inner.IsUp;
    public FramePool Frames => inner.Frames;
    public bool HasRoom => inner.HasRoom;

    public void Attach(ILinkReceiver receiver)
    {
        this.receiver = receiver;
        inner.Attach(this);
    }

    /// <summary>A frame given to a link that is down never left, so it is not in the capture.</summary>
    public void Send(Frame frame)
    {
        if (inner.IsUp) writer.Write(number, executor.Now, frame.Span, CaptureDirection.Outbound);
        inner.Send(frame);
    }

    public void OnFrame(Frame frame)
    {
        writer.Write(number, executor.Now, frame.Span, CaptureDirection.Inbound);
        receiver!.OnFrame(frame);
    }

    public void OnLinkState(bool isUp) => receiver!.OnLinkState(isUp);
}
