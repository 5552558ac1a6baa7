using System.Runtime.InteropServices;

namespace Weft.Fabric.Hw.Linux;

/// <summary>The few system calls of the packet path (x86-64 and arm64 Linux; constants of the kernel's uapi headers).</summary>
internal static unsafe partial class LibC
{
    public const int AfUnix = 1, AfInet = 2, AfPacket = 17, SockDgram = 2, SockRaw = 3, SockCloexec = 0x80000;
    public const int SolSocket = 1, SoSndbuf = 7, SoRcvbuf = 8, SoRcvtimeo = 20, SoRcvbufForce = 33, SoSndbufForce = 32;
    public const int SolPacket = 263, PacketAddMembership = 1, PacketMrPromisc = 1, PacketIgnoreOutgoing = 23;
    public const int MsgDontwait = 0x40, MsgWaitForOne = 0x10000;
    public const int CloneNewnet = 0x4000_0000;
    public const short PollIn = 1, PollOut = 4;
    public const int EpollCloexec = 0x80000, EpollAdd = 1, EpollRemove = 2, EpollModify = 3;
    public const uint EpollEdge = 1u << 31;
    public const int EthPAll = 0x0003;
    public const ulong SiocGifHwaddr = 0x8927, SiocGifMtu = 0x8921, SiocGifFlags = 0x8913;
    public const int Eintr = 4, Eperm = 1, Eagain = 11, Eacces = 13, Enodev = 19, Eaddrinuse = 98, Enobufs = 105, Econnrefused = 111, Enotconn = 107, Enetdown = 100;

    /// <summary>Bytes of an epoll_event, events:32 and data:64: packed on x86-64 alone.</summary>
    public static readonly int EpollEventLength = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    public static readonly int EpollDataOffset = EpollEventLength - 8;

    [StructLayout(LayoutKind.Sequential)]
    public struct Iovec
    {
        public void* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Msghdr
    {
        public void* Name;
        public uint NameLength;
        public Iovec* Iov;
        public nuint IovLength;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Mmsghdr
    {
        public Msghdr Header;
        public uint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct SockaddrLl
    {
        public ushort Family;
        public ushort Protocol; // network order
        public int IfIndex;
        public ushort HwType;
        public byte PacketType;
        public byte HwLength;
        public fixed byte Address[8];
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PacketMreq
    {
        public int IfIndex;
        public ushort Type;
        public ushort AddressLength;
        public fixed byte Address[8];
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Ifreq
    {
        public fixed byte Name[16];
        public fixed byte Data[24];
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Pollfd
    {
        public int Fd;
        public short Events;
        public short Revents;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int fd, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int fd, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(int fd, void* data, nuint length, int flags, void* address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSockOpt(int fd, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMmsg(int fd, Mmsghdr* messages, uint count, int flags);

    /// <summary>A sendmmsg that never waits, without the cost of a change to native code and of keeping the error, which <see cref="LastError"/> reads at once.</summary>
    /// <param name="flags">With <see cref="MsgDontwait"/>: the collector would wait for it.</param>
    [LibraryImport("libc", EntryPoint = "sendmmsg"), SuppressGCTransition]
    public static partial int SendMmsgNow(int fd, Mmsghdr* messages, uint count, int flags);

    /// <summary>The same of recvmmsg.</summary>
    [LibraryImport("libc", EntryPoint = "recvmmsg"), SuppressGCTransition]
    public static partial int RecvMmsgNow(int fd, Mmsghdr* messages, uint count, int flags, Timespec* timeout);

    /// <summary>Keeps no error: nobody asks why there is nothing.</summary>
    [LibraryImport("libc", EntryPoint = "recvmmsg")]
    public static partial int RecvMmsg(int fd, Mmsghdr* messages, uint count, int flags, Timespec* timeout);

    /// <summary>Keeps no error: one that fails has found nothing.</summary>
    [LibraryImport("libc", EntryPoint = "ppoll")]
    public static partial int Ppoll(Pollfd* fds, nuint count, Timespec* timeout, void* mask);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollCtl(int epoll, int operation, int fd, void* interest);

    /// <summary>Keeps no error: one that fails has found nothing.</summary>
    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    public static partial int EpollWait(int epoll, void* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "sched_yield", SetLastError = true)]
    public static partial int SchedYield();

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(int fd, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint IfNameToIndex(string name);

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    /// <summary>Why the last call failed.</summary>
    public static int Errno => Marshal.GetLastPInvokeError();
    /// <summary>The same of the calls that keep no error; nothing of the system may be called between.</summary>
    public static int LastError => Marshal.GetLastSystemError();
}
