using System.Buffers.Binary;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Hw.Linux;

/// <summary>
/// A link over a Linux socket whose datagrams are Ethernet frames: batched calls, no copy, no allocation per frame.
/// Frames wait in a batch until the end of the loop's round or until the batch is full.
/// </summary>
public abstract unsafe class SocketLink : IPolledLink
{
    private const int Batch = 64;
    /// <summary>Where a received IPv4 frame starts, so that its BTH lands on <see cref="Frame.TransportOffset"/>: Ethernet 14, IPv4 20, UDP 8.</summary>
    private const int ReceiveStart = Frame.TransportOffset - 42;
    /// <summary>An IPv6 header is 20 bytes longer than an IPv4 one.</summary>
    private const int IPv6Shift = 20;
    /// <summary>Attempts to send a frame to a peer that has no room: some at once, the others a millisecond apart. Then it is lost, and with it what is behind it.</summary>
    private const int QuickAttempts = 100, MaxAttempts = 1000;
    /// <summary>Frames taken while sending that wait to be looked at; a peer that sends more without taking any is no longer listened to.</summary>
    private const int MaxBacklog = 8192;

    private readonly Frame[] sending = new Frame[Batch], receiving = new Frame[Batch];
    private readonly LibC.Mmsghdr[] sendHeaders = GC.AllocateArray<LibC.Mmsghdr>(Batch, pinned: true), receiveHeaders = GC.AllocateArray<LibC.Mmsghdr>(Batch, pinned: true);
    private readonly LibC.Iovec[] sendVectors = GC.AllocateArray<LibC.Iovec>(Batch, pinned: true), receiveVectors = GC.AllocateArray<LibC.Iovec>(Batch, pinned: true);
    private readonly Queue<Frame> backlog = new();
    private ILinkReceiver? receiver;
    private readonly int sendFlags;
    private int queued;
    private int delivered, taken; // of the batch under way

    /// <param name="waits">The kernel itself waits for room. Otherwise the link does, and looks after what arrives meanwhile.</param>
    private protected SocketLink(string name, int descriptor, int mtu, bool waits)
    {
        (Name, Descriptor, Mtu, sendFlags) = (name, descriptor, mtu, waits ? 0 : LibC.MsgDontwait);
        for (var i = 0; i < Batch; i++)
        {
            PrepareToReceive(i);
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
    public virtual MacAddress? InterfaceAddress => null;

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
        var (done, attempts) = (0, 0);
        fixed (LibC.Mmsghdr* headers = sendHeaders)
        {
            while (done < queued)
            {
                var sent = LibC.SendMmsg(Descriptor, headers + done, (uint)(queued - done), sendFlags);
                if (sent > 0)
                {
                    (done, attempts) = (done + sent, 0);
                    Sent += sent;
                    continue;
                }
                if (LibC.Errno == LibC.Eintr) continue;
                if (LibC.Errno == LibC.Eagain && attempts++ < MaxAttempts)
                {
                    WaitForRoom(attempts);
                    continue;
                }
                done++; // the frame at the front is refused: lost
                SendDropped++;
            }
        }
        for (var i = 0; i < queued; i++) sending[i].Release();
        queued = 0;
    }

    /// <summary>A peer that waits for room at us takes nothing: if both only waited, it would be for each other.</summary>
    private void WaitForRoom(int attempts)
    {
        if (TakeAside()) return;
        if (attempts < QuickAttempts)
        {
            LibC.SchedYield();
            return;
        }
        var own = new LibC.Pollfd { Fd = Descriptor, Events = LibC.PollIn };
        var millisecond = new LibC.Timespec { Nanoseconds = 1_000_000 };
        LibC.Ppoll(&own, 1, &millisecond, null);
    }

    /// <summary>Delivers what has arrived, one batch and what was taken aside; false when there was nothing.</summary>
    public bool Receive()
    {
        if (backlog.Count == 0)
        {
            // One by one, each in the buffer that the one before has given back: a whole batch aside would touch twice the memory.
            (delivered, taken) = (0, Take());
            if (taken == 0) return false;
            while (delivered < taken) Deliver(Next(delivered++));
            return true;
        }
        TakeAside();
        // What one frame brings about may send, and so take more aside: that is the next round's.
        var count = backlog.Count;
        for (var i = 0; i < count; i++) Deliver(backlog.Dequeue());
        return count > 0;
    }

    /// <summary>Takes what has arrived without looking at it yet.</summary>
    private bool TakeAside()
    {
        if (backlog.Count >= MaxBacklog) return false;
        for (; delivered < taken; delivered++) backlog.Enqueue(Next(delivered)); // of the batch under way: they come before what is taken now
        var count = Take();
        for (var i = 0; i < count; i++) backlog.Enqueue(Next(i));
        return count > 0;
    }

    private int Take()
    {
        int count;
        fixed (LibC.Mmsghdr* headers = receiveHeaders) count = LibC.RecvMmsg(Descriptor, headers, Batch, LibC.MsgDontwait, null);
        if (count <= 0) return 0;
        Received += count;
        return count;
    }

    private void PrepareToReceive(int index)
    {
        var frame = receiving[index] = Frames.Rent();
        SetVector(ref receiveVectors[index], frame.Buffer, ReceiveStart, frame.Buffer.Length - ReceiveStart - IPv6Shift);
    }

    /// <summary>A frame that was taken; another takes its place.</summary>
    private Frame Next(int index)
    {
        var frame = receiving[index];
        PrepareToReceive(index);
        frame.Start = ReceiveStart;
        frame.End = ReceiveStart + (int)receiveHeaders[index].Length;
        return frame;
    }

    private void Deliver(Frame frame)
    {
        if (frame.Length < 14 || receiver is null)
        {
            frame.Release();
            return;
        }
        Align(frame);
        receiver.OnFrame(frame);
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
