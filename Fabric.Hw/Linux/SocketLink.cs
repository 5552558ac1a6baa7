using System.Buffers.Binary;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Hw.Linux;

/// <summary>
/// A link over a Linux socket whose datagrams are Ethernet frames: batched calls, no copy, no allocation per frame.
/// Frames wait in a batch until the end of the loop's round or until the batch is full.
/// </summary>
public abstract unsafe class SocketLink : ILink, IDisposable
{
    private const int Batch = 64;
    /// <summary>Where a received IPv4 frame starts, so that its BTH lands on <see cref="Frame.TransportOffset"/>: Ethernet 14, IPv4 20, UDP 8.</summary>
    private const int ReceiveStart = Frame.TransportOffset - 42;
    /// <summary>An IPv6 header is 20 bytes longer than an IPv4 one.</summary>
    private const int IPv6Shift = 20;

    private readonly Frame[] sending = new Frame[Batch], receiving = new Frame[Batch];
    private readonly LibC.Mmsghdr[] sendHeaders = GC.AllocateArray<LibC.Mmsghdr>(Batch, pinned: true), receiveHeaders = GC.AllocateArray<LibC.Mmsghdr>(Batch, pinned: true);
    private readonly LibC.Iovec[] sendVectors = GC.AllocateArray<LibC.Iovec>(Batch, pinned: true), receiveVectors = GC.AllocateArray<LibC.Iovec>(Batch, pinned: true);
    private ILinkReceiver? receiver;
    private int queued;

    private protected SocketLink(string name, int descriptor, int mtu)
    {
        (Name, Descriptor, Mtu) = (name, descriptor, mtu);
        for (var i = 0; i < Batch; i++)
        {
            receiving[i] = Frames.Rent();
            fixed (LibC.Iovec* vector = &receiveVectors[i]) receiveHeaders[i].Header = new() { Iov = vector, IovLength = 1 };
            fixed (LibC.Iovec* vector = &sendVectors[i]) sendHeaders[i].Header = new() { Iov = vector, IovLength = 1 };
        }
    }

    public string Name { get; }
    public LinkType Type => LinkType.Ethernet;
    public int Mtu { get; }
    public bool IsUp { get; private set; } = true;
    public FramePool Frames { get; } = new(isPinned: true);
    public int Descriptor { get; }

    /// <summary>Frames given to the kernel, taken from it, and refused by it.</summary>
    public long Sent { get; private set; }
    public long Received { get; private set; }
    public long SendDropped { get; private set; }

    public void Attach(ILinkReceiver linkReceiver) => receiver = linkReceiver;

    public void Send(Frame frame)
    {
        sending[queued++] = frame;
        if (queued == Batch) Flush();
    }

    /// <summary>Names the socket that every frame goes to, looked up anew for each frame: a peer may end, and another take its place.</summary>
    /// <param name="address">A pinned sockaddr.</param>
    private protected void SetPeer(byte[] address)
    {
        for (var i = 0; i < Batch; i++)
        {
            sendHeaders[i].Header.Name = System.Runtime.CompilerServices.Unsafe.AsPointer(ref address[0]);
            sendHeaders[i].Header.NameLength = (uint)address.Length;
        }
    }

    /// <summary>Gives the waiting frames to the kernel, waiting for room; a frame that it refuses (interface down, peer gone) is lost, as on any wire.</summary>
    public void Flush()
    {
        if (queued == 0) return;
        for (var i = 0; i < queued; i++) SetVector(ref sendVectors[i], sending[i].Buffer, sending[i].Start, sending[i].Length);
        var done = 0;
        fixed (LibC.Mmsghdr* headers = sendHeaders)
        {
            while (done < queued)
            {
                var sent = LibC.SendMmsg(Descriptor, headers + done, (uint)(queued - done), 0);
                if (sent > 0)
                {
                    done += sent;
                    Sent += sent;
                    continue;
                }
                if (LibC.Errno == LibC.Eintr) continue;
                done++; // the frame at the front is refused: lost
                SendDropped++;
            }
        }
        for (var i = 0; i < queued; i++) sending[i].Release();
        queued = 0;
    }

    /// <summary>Takes what has arrived, one batch at most; false when there was nothing.</summary>
    internal bool Receive()
    {
        for (var i = 0; i < Batch; i++) SetVector(ref receiveVectors[i], receiving[i].Buffer, ReceiveStart, receiving[i].Buffer.Length - ReceiveStart - IPv6Shift);
        int count;
        fixed (LibC.Mmsghdr* headers = receiveHeaders) count = LibC.RecvMmsg(Descriptor, headers, Batch, LibC.MsgDontwait, null);
        if (count <= 0) return false;
        Received += count;
        for (var i = 0; i < count; i++)
        {
            var frame = receiving[i];
            receiving[i] = Frames.Rent();
            frame.Start = ReceiveStart;
            frame.End = ReceiveStart + (int)receiveHeaders[i].Length;
            if (frame.Length < 14 || receiver is null) frame.Release();
            else
            {
                Align(frame);
                receiver.OnFrame(frame);
            }
        }
        return true;
    }

    /// <summary>Moves an IPv6 frame down, so that its transport part starts where every frame's does.</summary>
    private static void Align(Frame frame)
    {
        if (BinaryPrimitives.ReadUInt16BigEndian(frame.Span[12..]) != 0x86DD) return;
        var length = frame.Length;
        frame.Span.CopyTo(frame.Buffer.AsSpan(frame.Start - IPv6Shift));
        frame.Start -= IPv6Shift;
        frame.End = frame.Start + length;
    }

    /// <summary>Reports a change of the interface's state to the port.</summary>
    private protected void SetUp(bool isUp)
    {
        if (IsUp == isUp) return;
        IsUp = isUp;
        receiver?.OnLinkState(isUp);
    }

    private static void SetVector(ref LibC.Iovec vector, byte[] pinned, int start, int length)
    {
        vector.Base = System.Runtime.CompilerServices.Unsafe.AsPointer(ref pinned[start]);
        vector.Length = (nuint)length;
    }

    public virtual void Dispose()
    {
        LibC.Close(Descriptor);
        GC.SuppressFinalize(this);
    }
}
