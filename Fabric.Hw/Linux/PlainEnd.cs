namespace Weft.Fabric.Hw.Linux;

/// <summary>One end of a <see cref="PlainLoop"/>: a socket, and one batch of frames for each direction, all of the same bytes.</summary>
internal sealed unsafe class PlainEnd
{
    public const int Batch = 64;
    private const int Room = 9216;
    private const long Patience = 100_000_000; // nanoseconds until a frame counts as lost

    private readonly int descriptor;
    private readonly byte[] memory = GC.AllocateArray<byte>(2 * Batch * Room, pinned: true);
    private readonly LibC.Mmsghdr[] headers = GC.AllocateArray<LibC.Mmsghdr>(2 * Batch, pinned: true);
    private readonly LibC.Iovec[] vectors = GC.AllocateArray<LibC.Iovec>(2 * Batch, pinned: true);

    /// <param name="frame">What is sent, again and again.</param>
    public PlainEnd(SocketLink link, ReadOnlySpan<byte> frame)
    {
        descriptor = link.Descriptor;
        for (var i = 0; i < 2 * Batch; i++)
        {
            var isSent = i < Batch;
            if (isSent) frame.CopyTo(memory.AsSpan(i * Room));
            fixed (byte* at = &memory[i * Room]) vectors[i] = new() { Base = at, Length = (nuint)(isSent ? frame.Length : Room) };
            fixed (LibC.Iovec* vector = &vectors[i]) headers[i].Header = new() { Iov = vector, IovLength = 1 };
        }
    }

    /// <summary>Sends up to a batch.</summary>
    /// <returns>Frames that the kernel took.</returns>
    public int Send(int count)
    {
        fixed (LibC.Mmsghdr* first = headers)
        {
            var sent = LibC.SendMmsg(descriptor, first, (uint)Math.Min(count, Batch), 0);
            if (sent < 0 && LibC.Errno is not (LibC.Eintr or LibC.Enobufs)) throw new LinkException($"sendmmsg failed: {LinkException.Describe(LibC.Errno)}");
            return Math.Max(sent, 0);
        }
    }

    /// <summary>Takes what has come, a batch at most, without waiting.</summary>
    /// <returns>Frames of this length; others on the interface do not count.</returns>
    public int Receive(int length)
    {
        int count, fitting = 0;
        fixed (LibC.Mmsghdr* first = headers) count = LibC.RecvMmsg(descriptor, first + Batch, Batch, LibC.MsgDontwait, null);
        for (var i = 0; i < count; i++) if (headers[Batch + i].Length == length) fitting++;
        return fitting;
    }

    /// <summary>The same, waiting: it looks for a while, then sleeps.</summary>
    /// <returns>Zero when nothing came for long.</returns>
    public int Wait(int length)
    {
        for (var i = 0; i < HwExecutor.SpinRounds; i++)
            if (Receive(length) is > 0 and var count) return count;
        var poll = new LibC.Pollfd { Fd = descriptor, Events = LibC.PollIn };
        var time = new LibC.Timespec { Nanoseconds = Patience };
        LibC.Ppoll(&poll, 1, &time, null);
        return Receive(length);
    }
}
