using Weft.Fabric.Wire;

namespace Weft.Fabric.Tests.Ports;

/// <summary>One end of a cable. What is sent is kept as bytes and, when plugged in, handed to the other end at once.</summary>
internal sealed class TestLink(string name, FramePool frames, int mtu = 1500) : ILink
{
    private ILinkReceiver? receiver;

    public List<byte[]> Sent { get; } = [];
    /// <summary>The other end.</summary>
    public TestLink? Peer { get; set; }
    /// <summary>Whether sent frames are kept.</summary>
    public bool Records { get; set; } = true;

    public string Name => name;
    public LinkType Type { get; init; } = LinkType.Ethernet;
    public int Mtu => mtu;
    public bool IsUp { get; private set; } = true;
    public FramePool Frames => frames;

    public void Attach(ILinkReceiver receiver) => this.receiver = receiver;

    public void Send(Frame frame)
    {
        if (Records) Sent.Add(frame.Span.ToArray());
        if (Peer?.receiver is { } other && IsUp) other.OnFrame(frame);
        else frame.Release();
    }

    public void SetUp(bool isUp)
    {
        IsUp = isUp;
        receiver!.OnLinkState(isUp);
    }

    /// <summary>Delivers bytes from outside.</summary>
    /// <param name="at">Where in the buffer the Ethernet header lies.</param>
    public void Receive(ReadOnlySpan<byte> bytes, int at = 30)
    {
        var frame = frames.Rent();
        bytes.CopyTo(frame.Buffer.AsSpan(at));
        (frame.Start, frame.End) = (at, at + bytes.Length);
        receiver!.OnFrame(frame);
    }

    public byte[] TakeSent()
    {
        var frame = Assert.Single(Sent);
        Sent.Clear();
        return frame;
    }
}
