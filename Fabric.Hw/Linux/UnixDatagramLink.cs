using System.Text;

namespace Weft.Fabric.Hw.Linux;

/// <summary>
/// A link over Unix datagrams, one datagram a frame: what QEMU's <c>-netdev dgram</c> speaks. Joins a guest without root or a tap device.
/// </summary>
public sealed unsafe class UnixDatagramLink : SocketLink
{
    private const int PathLimit = 107; // sun_path of unix(7), less its NUL
    private readonly string localPath;

    private UnixDatagramLink(string localPath, int descriptor, int mtu) : base(localPath, descriptor, mtu) => this.localPath = localPath;

    /// <summary>Binds one path and sends to another; the peer's path must exist (start the peer first).</summary>
    /// <exception cref="LinkException">A path is too long, taken, or nobody is there.</exception>
    public static UnixDatagramLink Open(string localPath, string remotePath, int mtu = 1500)
    {
        var fd = LibC.Socket(LibC.AfUnix, LibC.SockDgram | LibC.SockCloexec, 0);
        if (fd < 0) throw new LinkException($"cannot open a Unix socket: {LinkException.Describe(LibC.Errno)}");
        try
        {
            var buffer = 4 << 20;
            if (LibC.SetSockOpt(fd, LibC.SolSocket, LibC.SoSndbufForce, &buffer, sizeof(int)) != 0) LibC.SetSockOpt(fd, LibC.SolSocket, LibC.SoSndbuf, &buffer, sizeof(int));
            File.Delete(localPath);
            WithAddress(localPath, (address, length) => LibC.Bind(fd, address, length), "bind");
            WithAddress(remotePath, (address, length) => LibC.Connect(fd, address, length), "connect to");
            return new UnixDatagramLink(localPath, fd, mtu);
        }
        catch
        {
            LibC.Close(fd);
            throw;
        }
    }

    private delegate int AddressCall(void* address, uint length);

    private static void WithAddress(string path, AddressCall call, string what)
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        if (bytes.Length > PathLimit) throw new LinkException($"the socket path '{path}' is longer than {PathLimit} bytes");
        var address = stackalloc byte[2 + PathLimit + 1];
        new Span<byte>(address, 2 + PathLimit + 1).Clear();
        *(ushort*)address = LibC.AfUnix;
        bytes.CopyTo(new Span<byte>(address + 2, PathLimit));
        if (call(address, (uint)(2 + bytes.Length + 1)) < 0) throw new LinkException($"cannot {what} '{path}': {LinkException.Describe(LibC.Errno)}");
    }

    public override void Dispose()
    {
        base.Dispose();
        File.Delete(localPath);
    }
}
