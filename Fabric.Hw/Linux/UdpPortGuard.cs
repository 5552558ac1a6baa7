using System.Net;
using System.Net.Sockets;
using Weft.Fabric.Engine.Ports;
using Weft.Protocol.Ethernet;

namespace Weft.Fabric.Hw.Linux;

/// <summary>
/// Holds RoCE's UDP port on addresses that the host's stack owns too, as a listener that never reads: without one the stack would answer every
/// packet with ICMP port unreachable. What it is given is dropped when its small buffer is full.
/// </summary>
public sealed class UdpPortGuard : IDisposable
{
    private readonly List<Socket> sockets = [];

    private UdpPortGuard()
    {
    }

    /// <exception cref="LinkException">Somebody else has the port, most often the kernel's soft RoCE.</exception>
    public static UdpPortGuard Open(IEnumerable<PortAddress> addresses)
    {
        var guard = new UdpPortGuard();
        foreach (var (address, _) in addresses)
        {
            var local = IPAddress.Parse(address.ToString());
            var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            guard.sockets.Add(socket);
            try
            {
                socket.ReceiveBufferSize = 1; // the kernel makes it its minimum
                socket.Bind(new IPEndPoint(local, UdpHeader.RocePort));
            }
            catch (SocketException e)
            {
                guard.Dispose();
                throw new LinkException(e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"UDP port {UdpHeader.RocePort} of {address} is taken: end the other program, or `rdma link delete` the kernel's soft RoCE, or give --address an address of its own"
                    : $"cannot hold UDP port {UdpHeader.RocePort} of {address}: {e.Message}");
            }
        }
        return guard;
    }

    public void Dispose()
    {
        foreach (var socket in sockets) socket.Dispose();
    }
}
