namespace Weft.Fabric.Hw.Linux;

/// <summary>Lets the loop sleep until a link has a frame, a source is ready, a time has come, or another thread calls <see cref="Set"/>.</summary>
internal sealed unsafe class WakeEvent : IDisposable
{
    private const int EfdNonblock = 0x800, EfdCloexec = 0x80000;
    private LibC.Pollfd[] descriptors = new LibC.Pollfd[16];
    private readonly int fd = LibC.EventFd(0, EfdNonblock | EfdCloexec);

    public WakeEvent()
    {
        if (fd < 0) throw new LinkException($"eventfd failed: {LinkException.Describe(LibC.Errno)}");
    }

    /// <summary>Readable once <see cref="Set"/> was called, until <see cref="Clear"/>.</summary>
    public int Descriptor => fd;

    public void Set()
    {
        ulong one = 1;
        LibC.Write(fd, &one, sizeof(ulong));
    }

    /// <summary>Returns when a link has a frame, a source is ready, <see cref="Set"/> was called, or the time is over.</summary>
    public void Wait(List<IPolledLink> links, IPollSource[] sources, Duration limit)
    {
        if (limit <= Duration.Zero) return;
        var all = links.Count + 1 + sources.Length;
        if (all > descriptors.Length) descriptors = new LibC.Pollfd[all * 2];
        descriptors[0] = new() { Fd = fd, Events = LibC.PollIn };
        for (var i = 0; i < links.Count; i++) descriptors[i + 1] = new() { Fd = links[i].Descriptor, Events = LibC.PollIn };
        for (var i = 0; i < sources.Length; i++) descriptors[links.Count + 1 + i] = Watch(sources[i]);
        var time = new LibC.Timespec { Seconds = limit.Nanoseconds / 1_000_000_000, Nanoseconds = limit.Nanoseconds % 1_000_000_000 };
        Poll(all, limit.IsInfinite ? null : &time);
        if ((descriptors[0].Revents & LibC.PollIn) != 0) Clear();
    }

    public void Clear()
    {
        ulong count;
        LibC.Read(fd, &count, sizeof(ulong));
    }

    /// <summary>Asks which sources are ready, without waiting, and tells them.</summary>
    /// <returns>Whether any was.</returns>
    public bool Poll(IPollSource[] sources)
    {
        if (sources.Length > descriptors.Length) descriptors = new LibC.Pollfd[sources.Length * 2];
        for (var i = 0; i < sources.Length; i++) descriptors[i] = Watch(sources[i]);
        LibC.Timespec none = default;
        if (Poll(sources.Length, &none) <= 0) return false;
        for (var i = 0; i < sources.Length; i++)
        {
            if (descriptors[i].Revents != 0) sources[i].OnReady();
        }
        return true;
    }

    private int Poll(int count, LibC.Timespec* limit)
    {
        fixed (LibC.Pollfd* first = descriptors) return LibC.Ppoll(first, (nuint)count, limit, null);
    }

    // A source that waits for nothing is left out (a negative descriptor): its error or hang-up would be reported without end.
    private static LibC.Pollfd Watch(IPollSource source)
    {
        var events = (short)((source.WantsRead ? LibC.PollIn : 0) | (source.WantsWrite ? LibC.PollOut : 0));
        return new() { Fd = events == 0 ? -1 : source.Descriptor, Events = events };
    }

    public void Dispose() => LibC.Close(fd);
}
