using System.Net;
using System.Net.Sockets;
using Weft.Fabric.Execution;
using Weft.Fabric.Hw;
using Weft.Protocol.Nbd;

namespace Weft.Scenarios.Tools.Nbd;

/// <summary>A listening socket, and the clients that came in. Everything runs on the loop.</summary>
internal sealed class NbdService : IPollSource, IDisposable
{
    private const int Backlog = 64;

    private readonly HwExecutor executor;
    private readonly NbdExport export;
    private readonly INbdDisk disk;
    private readonly Socket listener;
    private readonly List<NbdConnection> connections = [];
    private readonly Completion<bool> drained;
    private bool isClosing;

    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public NbdService(HwExecutor executor, EndPoint address, NbdExport export, INbdDisk disk)
    {
        (this.executor, this.export, this.disk, Address) = (executor, export, disk, address);
        drained = new(executor.CreateLane("nbd", ChoiceKind.Dispatch), "nbd drained");
        listener = Listen(address);
        Descriptor = (int)listener.SafeHandle.DangerousGetHandle();
        executor.Add(this);
    }

    public EndPoint Address { get; private set; }
    public int Descriptor { get; }
    public bool WantsRead => !isClosing;
    public bool WantsWrite => false;
    /// <summary>Clients that ever came.</summary>
    public int Accepted { get; private set; }

    /// <summary>How a client names what is exported. NBD URI specification.</summary>
    public string Uri => Address switch
    {
        UnixDomainSocketEndPoint path => $"nbd+unix:///{System.Uri.EscapeDataString(export.Name)}?socket={path}",
        _ => $"nbd://{Address}/{System.Uri.EscapeDataString(export.Name)}",
    };

    public void OnReady()
    {
        if (isClosing || !listener.Poll(0, SelectMode.SelectRead)) return;
        Socket client;
        try
        {
            client = listener.Accept();
        }
        catch (SocketException)
        {
            return; // it left before it was let in, or there are no descriptors left: the others go on
        }
        var connection = new NbdConnection(client, export, disk, OnEnded);
        connections.Add(connection);
        executor.Add(connection);
        Accepted++;
        connection.OnReady();
    }

    /// <summary>Lets nobody in any more, and waits until the requests under way are answered.</summary>
    /// <returns>False when the time was over first.</returns>
    public async ValueTask<bool> DrainAsync(Duration limit)
    {
        Stop();
        var timer = executor.CreateTimer("nbd drain", () => drained.TrySetResult(false));
        timer.Arm(executor.Now + limit);
        foreach (var connection in connections.ToArray()) connection.Close();
        if (connections.Count == 0) drained.TrySetResult(true);
        var isDrained = await drained.Task;
        timer.Cancel();
        return isDrained;
    }

    /// <summary>Hangs up on every client.</summary>
    public void Dispose()
    {
        Stop();
        foreach (var connection in connections.ToArray()) connection.Abandon();
    }

    private void OnEnded(NbdConnection connection)
    {
        connections.Remove(connection);
        executor.Remove(connection);
        if (isClosing && connections.Count == 0) drained.TrySetResult(true);
    }

    private void Stop()
    {
        if (isClosing) return;
        isClosing = true;
        executor.Remove(this);
        listener.Dispose();
        if (Address is UnixDomainSocketEndPoint path) File.Delete(path.ToString()!);
    }

    private Socket Listen(EndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (address is UnixDomainSocketEndPoint path) RemoveStale(path);
            socket.Bind(address);
            socket.Listen(Backlog);
            if (address is IPEndPoint) Address = socket.LocalEndPoint!; // port 0 is a port now
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"cannot listen on {address}: {e.Message}");
        }
    }

    /// <summary>A socket whose owner was killed stays behind as a file.</summary>
    private static void RemoveStale(UnixDomainSocketEndPoint path)
    {
        if (!File.Exists(path.ToString())) return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(path);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path.ToString()!);
        }
    }
}
