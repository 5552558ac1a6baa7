using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Weft.Fabric.Hw.Linux;

/// <summary>
/// A datagram socket, Unix with an abstract name or UDP over IPv4, that takes and gives datagrams in batches without allocating. What the
/// peer has no room for waits here, in order, up to a bound; beyond it datagrams are lost.
/// </summary>
public sealed unsafe class DatagramSocket : IDisposable
{
    private const int Batch = 32, PatienceMicroseconds = 20_000, AddressLength = 128, MaxWaiting = 8192;
    private readonly int capacity;
    private readonly bool keepsSenders;
    private readonly byte[] received, addresses;
    private readonly LibC.Mmsghdr[] receiveHeaders = GC.AllocateArray<LibC.Mmsghdr>(Batch, pinned: true), sendHeaders = GC.AllocateArray<LibC.Mmsghdr>(Batch, pinned: true);
    private readonly LibC.Iovec[] receiveVectors = GC.AllocateArray<LibC.Iovec>(Batch, pinned: true), sendVectors = GC.AllocateArray<LibC.Iovec>(Batch, pinned: true);
    private byte[] waiting;
    private int firstWaiting;

    private DatagramSocket(int descriptor, int capacity, bool keepsSenders)
    {
        (Descriptor, this.capacity, this.keepsSenders) = (descriptor, capacity, keepsSenders);
        received = GC.AllocateArray<byte>(Batch * capacity, pinned: true);
        addresses = GC.AllocateArray<byte>(Batch * AddressLength, pinned: true);
        waiting = GC.AllocateArray<byte>(Batch * capacity, pinned: true);
        for (var i = 0; i < Batch; i++)
        {
            receiveVectors[i] = new() { Base = Unsafe.AsPointer(ref received[i * capacity]), Length = (nuint)capacity };
            receiveHeaders[i].Header = new() { Iov = (LibC.Iovec*)Unsafe.AsPointer(ref receiveVectors[i]), IovLength = 1, Name = keepsSenders ? Unsafe.AsPointer(ref addresses[i * AddressLength]) : null };
            sendHeaders[i].Header = new() { Iov = (LibC.Iovec*)Unsafe.AsPointer(ref sendVectors[i]), IovLength = 1 };
        }
        var limit = stackalloc long[] { 0, PatienceMicroseconds }; // a timeval
        LibC.SetSockOpt(descriptor, LibC.SolSocket, LibC.SoRcvtimeo, limit, 2 * sizeof(long));
    }

    internal int Descriptor { get; }
    /// <summary>Whether the last batch was full, so that nobody knows yet what is behind it.</summary>
    internal bool MayHaveMore { get; private set; }
    /// <summary>Datagrams that wait for room at the peer.</summary>
    public int Waiting { get; private set; }
    /// <summary>Whether the peer's socket has gone, as the last send found; a new connection clears it.</summary>
    public bool IsPeerGone { get; private set; }

    /// <summary>Binds an abstract Unix name, written with a NUL in front and one behind, as ibsim and its library write them.</summary>
    /// <param name="capacity">Bytes of the largest datagram; a longer one is cut to one byte more.</param>
    /// <param name="keepsSenders">Whether <see cref="Sender"/> and <see cref="Reply"/> will be used: telling who sent a datagram costs.</param>
    /// <exception cref="LinkException">The name is taken or too long.</exception>
    public static DatagramSocket BindAbstract(string name, int capacity, bool keepsSenders = false) =>
        Bind(LibC.AfUnix, Abstract(name), capacity, keepsSenders, $"the socket name '{name}'");

    /// <summary>Binds a UDP port on every IPv4 address.</summary>
    /// <exception cref="LinkException">The port is taken or not allowed.</exception>
    public static DatagramSocket BindUdp(int port, int capacity, bool keepsSenders = false) => Bind(LibC.AfInet, Internet(0, port), capacity, keepsSenders, $"UDP port {port}");

    private static DatagramSocket Bind(int family, byte[] address, int capacity, bool keepsSenders, string what)
    {
        var fd = LibC.Socket(family, LibC.SockDgram | LibC.SockCloexec, 0);
        if (fd < 0) throw new LinkException($"cannot open a datagram socket: {LinkException.Describe(LibC.Errno)}");
        fixed (byte* pointer = address)
        {
            if (LibC.Bind(fd, pointer, (uint)address.Length) == 0) return new(fd, capacity + 1, keepsSenders);
        }
        var error = LibC.Errno;
        LibC.Close(fd);
        throw new LinkException(error == LibC.Eaddrinuse ? $"{what} is taken: another server runs there" : $"cannot bind {what}: {LinkException.Describe(error)}");
    }

    private static byte[] Abstract(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        if (bytes.Length is 0 or > 105) throw new LinkException($"the socket name '{name}' is empty or longer than 105 bytes");
        var address = new byte[2 + 1 + bytes.Length + 1];
        address[0] = LibC.AfUnix;
        bytes.CopyTo(address, 3);
        return address;
    }

    private static byte[] Internet(uint ip, int port)
    {
        var address = new byte[16];
        address[0] = LibC.AfInet;
        BinaryPrimitives.WriteUInt16BigEndian(address.AsSpan(2), (ushort)port);
        BinaryPrimitives.WriteUInt32BigEndian(address.AsSpan(4), ip);
        return address;
    }

    /// <summary>Connects to an abstract Unix name; false when nobody is there.</summary>
    public bool TryConnectAbstract(string name) => TryConnect(Abstract(name));

    /// <summary>Connects to another port of the host that a datagram came from.</summary>
    public bool TryConnectUdp(ReadOnlySpan<byte> sender, int port) =>
        sender.Length >= 8 && TryConnect(Internet(BinaryPrimitives.ReadUInt32BigEndian(sender[4..]), port));

    private bool TryConnect(byte[] address)
    {
        fixed (byte* pointer = address)
        {
            if (LibC.Connect(Descriptor, pointer, (uint)address.Length) != 0) return false;
        }
        Discard();
        return true;
    }

    /// <summary>Forgets what has arrived and what waits, as when a peer has ended.</summary>
    public void Discard()
    {
        while (Receive() > 0)
        {
        }
        (Waiting, firstWaiting, IsPeerGone) = (0, 0, false);
    }

    /// <summary>Takes what has arrived, a batch at most; they stay until the next call.</summary>
    public int Receive()
    {
        Prepare();
        fixed (LibC.Mmsghdr* headers = receiveHeaders) return Received(LibC.RecvMmsgNow(Descriptor, headers, Batch, LibC.MsgDontwait, null));
    }

    /// <summary>The same, but waits for the first one: 20 milliseconds, unless a signal comes.</summary>
    public int ReceiveWaiting()
    {
        Prepare();
        fixed (LibC.Mmsghdr* headers = receiveHeaders) return Received(LibC.RecvMmsg(Descriptor, headers, Batch, LibC.MsgWaitForOne, null));
    }

    private int Received(int count)
    {
        MayHaveMore = count == Batch;
        return Math.Max(0, count);
    }

    /// <summary>The kernel writes how long each sender's address is over the room that there is for it.</summary>
    private void Prepare()
    {
        if (!keepsSenders) return;
        for (var i = 0; i < Batch; i++) receiveHeaders[i].Header.NameLength = AddressLength;
    }

    /// <summary>A datagram of the last batch; one byte longer than the capacity when it was longer than that.</summary>
    public Span<byte> Datagram(int index) => received.AsSpan(index * capacity, (int)receiveHeaders[index].Length);

    /// <summary>Who sent it: a socket address.</summary>
    public ReadOnlySpan<byte> Sender(int index) => addresses.AsSpan(index * AddressLength, (int)Math.Min(receiveHeaders[index].Header.NameLength, AddressLength));

    /// <summary>Answers a datagram of the last batch at once, without waiting for room.</summary>
    public bool Reply(int index, ReadOnlySpan<byte> datagram)
    {
        var sender = Sender(index);
        fixed (byte* address = sender)
        fixed (byte* data = datagram)
            return LibC.SendTo(Descriptor, data, (nuint)datagram.Length, LibC.MsgDontwait, address, (uint)sender.Length) == datagram.Length;
    }

    /// <summary>Puts a datagram, of exactly the capacity, into the next batch to the connected peer.</summary>
    public void Send(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length != capacity - 1) throw new ArgumentException($"datagrams of this socket have {capacity - 1} bytes, not {datagram.Length}", nameof(datagram));
        var slots = waiting.Length / capacity;
        if (firstWaiting + Waiting == slots)
        {
            if (Waiting >= MaxWaiting) return;
            if (firstWaiting < slots / 2)
            {
                var grown = GC.AllocateArray<byte>(waiting.Length * 2, pinned: true);
                waiting.CopyTo(grown, 0);
                waiting = grown;
            }
            else
            {
                waiting.AsSpan(firstWaiting * capacity, Waiting * capacity).CopyTo(waiting);
                firstWaiting = 0;
            }
        }
        datagram.CopyTo(waiting.AsSpan((firstWaiting + Waiting++) * capacity, capacity - 1));
    }

    /// <summary>Gives the kernel what it takes.</summary>
    public void Flush()
    {
        while (Waiting > 0)
        {
            var count = Math.Min(Waiting, Batch);
            for (var i = 0; i < count; i++)
                sendVectors[i] = new() { Base = Unsafe.AsPointer(ref waiting[(firstWaiting + i) * capacity]), Length = (nuint)capacity - 1 };
            int sent;
            fixed (LibC.Mmsghdr* headers = sendHeaders) sent = LibC.SendMmsgNow(Descriptor, headers, (uint)count, LibC.MsgDontwait);
            if (sent <= 0)
            {
                var error = LibC.LastError;
                if (error == LibC.Eintr) continue;
                if (error is LibC.Eagain or LibC.Enobufs) return;
                IsPeerGone = true;
                sent = Waiting;
            }
            (firstWaiting, Waiting) = (firstWaiting + sent, Waiting - sent);
        }
        firstWaiting = 0;
    }

    public void Dispose() => LibC.Close(Descriptor);
}
