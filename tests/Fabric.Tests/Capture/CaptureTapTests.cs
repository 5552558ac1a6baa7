using Weft.Fabric.Capture;
using Weft.Fabric.Tests.Ports;
using Weft.Fabric.Wire;
using Weft.Protocol.Capture;

namespace Weft.Fabric.Tests.Capture;

public sealed class CaptureTapTests
{
    private readonly ManualExecutor executor = new();
    private readonly FramePool frames = new();

    private sealed class Receiver : ILinkReceiver
    {
        public int Frames;
        public List<bool> States { get; } = [];

        public void OnFrame(Frame frame)
        {
            Frames++;
            frame.Release();
        }

        public void OnLinkState(bool isUp) => States.Add(isUp);
    }

    private void Send(ILink link, int length)
    {
        var frame = frames.Rent();
        frame.End = frame.Start + length;
        frame.Span.Fill((byte)length);
        link.Send(frame);
    }

    [Fact]
    public void Both_directions_are_written_with_virtual_time()
    {
        var file = new MemoryStream();
        var writer = new PcapngWriter(file);
        var inner = new TestLink("h1/1", frames);
        var other = new TestLink("h2/1", frames) { Type = LinkType.InfiniBand };
        var (tap, receiver) = (CaptureTap.Around(inner, executor, writer), new Receiver());
        _ = new CaptureTap(other, executor, writer);
        tap.Attach(receiver);
        Assert.Equal((inner.Name, inner.Type, inner.Mtu, true, frames), (tap.Name, tap.Type, tap.Mtu, tap.IsUp, tap.Frames));
        executor.Advance(Duration.FromNanoseconds(1_234_567_891));
        Send(tap, 60);
        executor.Advance(Duration.FromNanoseconds(1));
        inner.Receive([1, 2, 3]);
        inner.SetUp(false);
        Send(tap, 61); // never leaves
        writer.Flush();

        file.Position = 0;
        var reader = CaptureReader.Open(file, out var error);
        Assert.Null(error);
        Assert.True(reader!.TryRead(out var packet));
        Assert.Equal((0, new Instant(1_234_567_891), 60u, CaptureDirection.Outbound), (packet.Interface, packet.Time, packet.OriginalLength, packet.Direction));
        Assert.True(reader.TryRead(out packet));
        Assert.Equal((new Instant(1_234_567_892), CaptureDirection.Inbound), (packet.Time, packet.Direction));
        Assert.Equal([1, 2, 3], packet.Data.ToArray());
        Assert.False(reader.TryRead(out _));
        Assert.Equal([new("h1/1", CaptureLinkType.Ethernet, 0), new("h2/1", CaptureLinkType.Erf, 0)], reader.Interfaces);
        Assert.Equal(1, receiver.Frames);
        Assert.Equal([false], receiver.States);
        Assert.Equal(0, frames.Outstanding);
    }

    [Fact]
    public void Without_a_writer_there_is_no_tap()
    {
        var link = new TestLink("h1/1", frames);
        Assert.Same(link, CaptureTap.Around(link, executor, null));
    }
}
