using System.Text;

namespace Weft.Fabric.Hw.Linux;

/// <summary>
/// A link over Unix datagrams, one datagram a frame: what QEMU's <c>-netdev dgram</c> speaks. Joins a guest without root or a tap device.
/// </summary>
public sealed unsafe class UnixDatagramLink : SocketLink
{
    private const int PathLimit = 107; // sun_path of unix(7), less its NUL
    private readonly string localPath;
    private readonly byte[] peer; // the kernel reads it with every call

    private UnixDatagramLink(string localPath, byte[] peer, int descriptor, int mtu) : base(localPath, descriptor, mtu, waits: false)
    {
        (this.localPath, this.peer) = (localPath, peer);
        SetPeer(this.peer);
    }

    /// <summary>
    /// Binds one path and sends to another. The sockets are not connected to each other, so either side may end and start again.
    /// </summary>
    /// <param name="awaitsPeer">Whoever waits to be called may be there first: that nobody is at the other path yet is no error.</param>
    /// <exception cref="LinkException">A path is too long, taken, or nobody is there.</exception>
    public static UnixDatagramLink Open(string localPath, string remotePath, int mtu = 1500, bool awaitsPeer = false)
    {
        var fd = LibC.Socket(LibC.AfUnix, LibC.SockDgram | LibC.SockCloexec, 0);
        if (fd < 0) throw new LinkException($"cannot open a Unix socket: {LinkException.Describe(LibC.Errno)}");
        try
        {
            var buffer = 4 << 20;
            if (LibC.SetSockOpt(fd, LibC.SolSocket, LibC.SoSndbufForce, &buffer, sizeof(int)) != 0) LibC.SetSockOpt(fd, LibC.SolSocket, LibC.SoSndbuf, &buffer, sizeof(int));
            var (own, peer) = (Address(localPath), Address(remotePath));
            if (!awaitsPeer && !File.Exists(remotePath)) throw new LinkException($"nobody is at '{remotePath}': start the other side first");
            File.Delete(localPath);
            fixed (byte* address = own)
            {
                if (LibC.Bind(fd, address, (uint)own.Length) < 0) throw new LinkException($"cannot bind '{localPath}': {LinkException.Describe(LibC.Errno)}");
            }
            return new UnixDatagramLink(localPath, peer, fd, mtu);
        }
        catch
        {
            LibC.Close(fd);
            throw;
        }
    }

    /// <summary>A sockaddr_un, pinned: family, path, NUL.</summary>
    private static byte[] Address(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        if (bytes.Length > PathLimit) throw new LinkException($"the socket path '{path}' is longer than {PathLimit} bytes");
        var address = GC.AllocateArray<byte>(2 + bytes.Length + 1, pinned: true);
        BitConverter.TryWriteBytes(address, (ushort)LibC.AfUnix);
        bytes.CopyTo(address, 2);
        return address;
    }

    public override void Dispose()
    {
        base.Dispose();
        File.Delete(localPath);
    }
}
