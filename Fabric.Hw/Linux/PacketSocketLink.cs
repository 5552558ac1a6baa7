using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Weft.Fabric.Hw.Linux;

/// <summary>
/// A link on a network interface through a packet socket (packet(7)): every frame of the interface, its own outgoing ones left out.
/// Needs CAP_NET_RAW.
/// </summary>
public sealed unsafe class PacketSocketLink : SocketLink
{
    private PacketSocketLink(string name, int descriptor, int mtu, MacAddress address) : base(name, descriptor, mtu, waits: true) => InterfaceAddress = address;

    /// <summary>The interface's own MAC address.</summary>
    public override MacAddress? InterfaceAddress { get; }

    /// <summary>Opens an interface.</summary>
    /// <param name="promiscuous">Also take frames to other MAC addresses: needed for an address of our own beside the host's.</param>
    /// <exception cref="LinkException">No such interface, no permission, not Ethernet, or the interface is down.</exception>
    public static PacketSocketLink Open(string interfaceName, bool promiscuous = true)
    {
        var index = LibC.IfNameToIndex(interfaceName);
        if (index == 0) throw new LinkException($"there is no network interface '{interfaceName}'; `ip link` lists those there are");
        var fd = LibC.Socket(LibC.AfPacket, LibC.SockRaw | LibC.SockCloexec, 0);
        if (fd < 0)
        {
            throw new LinkException(LibC.Errno is LibC.Eperm or LibC.Eacces
                ? $"opening a packet socket on '{interfaceName}' needs the capability CAP_NET_RAW: run as root, or `setcap cap_net_raw+ep` on the program"
                : $"cannot open a packet socket: {LinkException.Describe(LibC.Errno)}");
        }
        try
        {
            var request = new LibC.Ifreq();
            var name = Encoding.UTF8.GetBytes(interfaceName);
            name.AsSpan(0, Math.Min(name.Length, 15)).CopyTo(new Span<byte>(request.Name, 16));
            Control(fd, LibC.SiocGifFlags, ref request, interfaceName);
            if ((MemoryMarshal.Read<short>(new Span<byte>(request.Data, 24)) & 1) == 0)
                throw new LinkException($"the interface '{interfaceName}' is down: `ip link set {interfaceName} up`");
            Control(fd, LibC.SiocGifHwaddr, ref request, interfaceName);
            var hardware = new Span<byte>(request.Data, 24);
            if (MemoryMarshal.Read<ushort>(hardware) != 1) throw new LinkException($"the interface '{interfaceName}' is not an Ethernet one");
            var mac = MacAddress.Read(hardware[2..]);
            Control(fd, LibC.SiocGifMtu, ref request, interfaceName);
            var mtu = MemoryMarshal.Read<int>(new Span<byte>(request.Data, 24));

            var one = 1;
            LibC.SetSockOpt(fd, LibC.SolPacket, LibC.PacketIgnoreOutgoing, &one, sizeof(int));
            var buffer = 8 << 20;
            if (LibC.SetSockOpt(fd, LibC.SolSocket, LibC.SoRcvbufForce, &buffer, sizeof(int)) != 0) LibC.SetSockOpt(fd, LibC.SolSocket, LibC.SoRcvbuf, &buffer, sizeof(int));
            if (LibC.SetSockOpt(fd, LibC.SolSocket, LibC.SoSndbufForce, &buffer, sizeof(int)) != 0) LibC.SetSockOpt(fd, LibC.SolSocket, LibC.SoSndbuf, &buffer, sizeof(int));
            if (promiscuous)
            {
                var membership = new LibC.PacketMreq { IfIndex = (int)index, Type = LibC.PacketMrPromisc };
                Check(LibC.SetSockOpt(fd, LibC.SolPacket, LibC.PacketAddMembership, &membership, (uint)sizeof(LibC.PacketMreq)), "promiscuous mode", interfaceName);
            }
            var address = new LibC.SockaddrLl { Family = LibC.AfPacket, Protocol = BinaryPrimitives.ReverseEndianness((ushort)LibC.EthPAll), IfIndex = (int)index };
            Check(LibC.Bind(fd, &address, (uint)sizeof(LibC.SockaddrLl)), "bind", interfaceName);
            return new PacketSocketLink(interfaceName, fd, mtu, mac);
        }
        catch
        {
            LibC.Close(fd);
            throw;
        }
    }

    private static void Control(int fd, ulong code, ref LibC.Ifreq request, string interfaceName)
    {
        fixed (LibC.Ifreq* pointer = &request) Check(LibC.Ioctl(fd, (nuint)code, pointer), "query", interfaceName);
    }

    private static void Check(int result, string what, string interfaceName)
    {
        if (result < 0) throw new LinkException($"{what} of '{interfaceName}' failed: {LinkException.Describe(LibC.Errno)}");
    }
}
