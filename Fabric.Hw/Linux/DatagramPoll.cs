namespace Weft.Fabric.Hw.Linux;

/// <summary>Sleeps until one of some datagram sockets, or the standard input, has something, or until another thread calls <see cref="Wake"/>.</summary>
public sealed unsafe class DatagramPoll : IDisposable
{
    private readonly WakeEvent wake = new();
    private readonly HwClock clock = new();
    private readonly DatagramSocket[] sockets;
    private readonly LibC.Pollfd[] descriptors;
    private readonly byte[] input = new byte[4096];
    private bool readsInput;

    /// <param name="sockets">What is polled; a socket is at the same index in <see cref="IsReadable"/>.</param>
    /// <param name="readsInput">Whether the standard input is polled too, until its end.</param>
    public DatagramPoll(DatagramSocket[] sockets, bool readsInput)
    {
        (this.sockets, this.readsInput) = (sockets, readsInput);
        descriptors = new LibC.Pollfd[sockets.Length + 2];
        descriptors[^2] = new() { Fd = wake.Descriptor, Events = LibC.PollIn };
        for (var i = 0; i < sockets.Length; i++) descriptors[i].Fd = sockets[i].Descriptor;
    }

    /// <summary>Time since the poll was made.</summary>
    public Instant Now => clock.Now;

    /// <summary>Ends the present or next <see cref="Wait"/>, from any thread.</summary>
    public void Wake() => wake.Set();

    /// <summary>Sleeps until there is something. A socket that has datagrams waiting is polled for room, and not for more to do.</summary>
    public void Wait() => Wait(Instant.Never);

    /// <summary>The same, but no longer than until <paramref name="until"/>.</summary>
    public void Wait(Instant until)
    {
        var left = until.IsNever ? 0 : Math.Max(0, (until - Now).Nanoseconds);
        var limit = new LibC.Timespec { Seconds = (left / 1_000_000_000), Nanoseconds = (left % 1_000_000_000) };
        for (var i = 0; i < sockets.Length; i++) descriptors[i].Events = sockets[i].Waiting > 0 ? LibC.PollOut : LibC.PollIn;
        descriptors[^1] = new() { Fd = readsInput ? 0 : -1, Events = LibC.PollIn };
        fixed (LibC.Pollfd* first = descriptors)
        {
            if (LibC.Ppoll(first, (nuint)descriptors.Length, until.IsNever ? null : &limit, null) < 0) // a signal: nothing that stands in Revents is true
                foreach (ref var descriptor in descriptors.AsSpan()) descriptor.Revents = 0;
        }
        if (descriptors[^2].Revents != 0) wake.Clear();
    }

    /// <summary>Whether a socket has datagrams, as the last wait found; an error of the socket counts, so that it is read away.</summary>
    public bool IsReadable(int index) => (descriptors[index].Revents & ~LibC.PollOut) != 0;

    /// <summary>What has been typed or piped in; empty when there is nothing. Its end ends the polling of it.</summary>
    public ReadOnlySpan<byte> ReadInput()
    {
        if (!readsInput || descriptors[^1].Revents == 0) return [];
        nint count;
        fixed (byte* buffer = input) count = LibC.Read(0, buffer, (nuint)input.Length);
        if (count <= 0) readsInput = false;
        return input.AsSpan(0, (int)Math.Max(0, count));
    }

    public void Dispose() => wake.Dispose();
}
