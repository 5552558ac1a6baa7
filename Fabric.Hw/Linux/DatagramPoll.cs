using System.Runtime.InteropServices;

namespace Weft.Fabric.Hw.Linux;

/// <summary>Sleeps until one of some datagram sockets, or the standard input, has something, or until another thread calls <see cref="Wake"/>.</summary>
/// <remarks>
/// By epoll: with a dozen sockets, of which one is busy, ppoll would spend more on looking at the others than the busy one costs. It tells once
/// of what arrives, which costs less than to be asked again each time; a socket of which a full batch was taken counts as readable still.
/// </remarks>
public sealed unsafe class DatagramPoll : IDisposable
{
    private const int Standard = 0; // the descriptor of the standard input
    private readonly WakeEvent wake = new();
    private readonly HwClock clock = new();
    private readonly DatagramSocket[] sockets;
    private readonly bool[] waitsForRoom, readable;
    private readonly byte[] input = new byte[4096], events;
    private readonly int epoll, wakeIndex, inputIndex;
    private bool readsInput, inputIsAlwaysReady;

    /// <param name="sockets">What is polled; a socket is at the same index in <see cref="IsReadable"/>.</param>
    /// <param name="readsInput">Whether the standard input is polled too, until its end.</param>
    /// <exception cref="LinkException">The kernel gives no epoll descriptor.</exception>
    public DatagramPoll(DatagramSocket[] sockets, bool readsInput)
    {
        (this.sockets, this.readsInput, wakeIndex, inputIndex) = (sockets, readsInput, sockets.Length, sockets.Length + 1);
        (waitsForRoom, readable) = (new bool[sockets.Length], new bool[sockets.Length + 2]);
        events = GC.AllocateArray<byte>(readable.Length * LibC.EpollEventLength, pinned: true);
        epoll = LibC.EpollCreate(LibC.EpollCloexec);
        if (epoll < 0) throw new LinkException($"epoll_create1 failed: {LinkException.Describe(LibC.Errno)}");
        for (var i = 0; i < sockets.Length; i++) Register(LibC.EpollAdd, sockets[i].Descriptor, LibC.EpollEdge | (uint)LibC.PollIn, i);
        Register(LibC.EpollAdd, wake.Descriptor, (uint)LibC.PollIn, wakeIndex);
        if (readsInput) inputIsAlwaysReady = !Register(LibC.EpollAdd, Standard, (uint)LibC.PollIn, inputIndex); // files and /dev/null are refused: reading them never waits
    }

    /// <summary>Time since the poll was made.</summary>
    public Instant Now => clock.Now;

    private bool Register(int operation, int descriptor, uint interest, int index)
    {
        var one = stackalloc byte[LibC.EpollEventLength];
        var bytes = new Span<byte>(one, LibC.EpollEventLength);
        MemoryMarshal.Write(bytes, interest); // in the machine's own order, as the kernel has it
        MemoryMarshal.Write(bytes[LibC.EpollDataOffset..], (ulong)index);
        return LibC.EpollCtl(epoll, operation, descriptor, one) == 0;
    }

    /// <summary>Ends the present or next <see cref="Wait(Instant)"/>, from any thread.</summary>
    public void Wake() => wake.Set();

    /// <summary>Sleeps until there is something. A socket that has datagrams waiting is polled for room, and not for more to do.</summary>
    public void Wait() => Wait(Instant.Never);

    /// <summary>The same, but no longer than until <paramref name="until"/>, to the next whole millisecond.</summary>
    public void Wait(Instant until)
    {
        var isMore = inputIsAlwaysReady;
        for (var i = 0; i < sockets.Length; i++)
        {
            isMore |= IsUnread(i);
            if (sockets[i].Waiting > 0 == waitsForRoom[i]) continue;
            waitsForRoom[i] = !waitsForRoom[i];
            Register(LibC.EpollModify, sockets[i].Descriptor, LibC.EpollEdge | (waitsForRoom[i] ? (uint)LibC.PollOut : (uint)LibC.PollIn), i);
        }
        readable.AsSpan().Clear();
        readable[inputIndex] = inputIsAlwaysReady;
        var count = LibC.EpollWait(epoll, (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(events, 0), readable.Length, isMore ? 0 : Milliseconds(until));
        for (var i = 0; i < count; i++) // a signal: -1, and nothing is readable
        {
            var one = events.AsSpan(i * LibC.EpollEventLength, LibC.EpollEventLength);
            readable[(int)MemoryMarshal.Read<ulong>(one[LibC.EpollDataOffset..])] = (MemoryMarshal.Read<uint>(one) & ~(uint)LibC.PollOut) != 0;
        }
        for (var i = 0; i < sockets.Length; i++) readable[i] |= IsUnread(i);
        if (readable[wakeIndex]) wake.Clear();
    }

    private bool IsUnread(int index) => sockets[index].MayHaveMore && sockets[index].Waiting == 0;

    private int Milliseconds(Instant until)
    {
        if (until.IsNever) return -1;
        var left = (until - Now).Nanoseconds;
        return left <= 0 ? 0 : (int)Math.Min(int.MaxValue, (left + 999_999) / 1_000_000);
    }

    /// <summary>Whether a socket has datagrams, as the last wait found; an error of the socket counts, so that it is read away.</summary>
    public bool IsReadable(int index) => readable[index];

    /// <summary>What has been typed or piped in; empty when there is nothing. Its end ends the polling of it.</summary>
    public ReadOnlySpan<byte> ReadInput()
    {
        if (!readsInput || !readable[inputIndex]) return [];
        nint count;
        fixed (byte* buffer = input) count = LibC.Read(Standard, buffer, (nuint)input.Length);
        if (count > 0) return input.AsSpan(0, (int)count);
        if (!inputIsAlwaysReady) Register(LibC.EpollRemove, Standard, 0, inputIndex);
        (readsInput, inputIsAlwaysReady) = (false, false);
        return [];
    }

    public void Dispose()
    {
        LibC.Close(epoll);
        wake.Dispose();
    }
}
