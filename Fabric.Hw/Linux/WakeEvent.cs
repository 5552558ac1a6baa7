namespace Weft.Fabric.Hw.Linux;

/// <summary>Lets the loop sleep until a link has a frame, a time has come, or another thread calls <see cref="Set"/>.</summary>
internal sealed unsafe class WakeEvent : IDisposable
{
    private const int EfdNonblock = 0x800, EfdCloexec = 0x80000;
    private readonly int fd = LibC.EventFd(0, EfdNonblock | EfdCloexec);

    public WakeEvent()
    {
        if (fd < 0) throw new LinkException($"eventfd failed: {LinkException.Describe(LibC.Errno)}");
    }

    public void Set()
    {
        ulong one = 1;
        LibC.Write(fd, &one, sizeof(ulong));
    }

    public void Wait(List<SocketLink> links, Duration limit)
    {
        if (limit <= Duration.Zero) return;
        var fds = stackalloc LibC.Pollfd[links.Count + 1];
        fds[0] = new() { Fd = fd, Events = LibC.PollIn };
        for (var i = 0; i < links.Count; i++) fds[i + 1] = new() { Fd = links[i].Descriptor, Events = LibC.PollIn };
        var time = new LibC.Timespec { Seconds = limit.Nanoseconds / 1_000_000_000, Nanoseconds = limit.Nanoseconds % 1_000_000_000 };
        LibC.Ppoll(fds, (nuint)links.Count + 1, limit.IsInfinite ? null : &time, null);
        ulong count;
        if ((fds[0].Revents & LibC.PollIn) != 0) LibC.Read(fd, &count, sizeof(ulong));
    }

    public void Dispose() => LibC.Close(fd);
}
