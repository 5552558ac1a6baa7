using System.Net;
using System.Net.Sockets;
using System.Threading;
using Weft.Fabric.Execution;
using Weft.Fabric.Hw;

namespace Weft.Scenarios.Live;

/// <summary>
/// A TCP connection of the host's own stack, beside the device and read on its loop: over it the verbs tools tell each other where their queue
/// pairs are. The device goes on working while a message is waited for.
/// </summary>
internal sealed class TcpChannel : IDisposable
{
    private readonly HwExecutor executor;
    private readonly Socket socket;
    private readonly ILane lane;

    private TcpChannel(HwExecutor executor, Socket socket)
    {
        (this.executor, this.socket) = (executor, socket);
        socket.NoDelay = true;
        lane = executor.CreateLane("exchange", ChoiceKind.Dispatch);
    }

    /// <param name="host">Name or address.</param>
    /// <exception cref="IOException">Nobody answers there.</exception>
    public static async Task<TcpChannel> ConnectAsync(HwExecutor executor, string host, ushort port, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await Wait(executor, "connection", async () => { await socket.ConnectAsync(host, port, cancel); return 0; });
            return new TcpChannel(executor, socket);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            throw new IOException($"Couldn't connect to {host}:{port} (TCP): {e.Message}", e);
        }
    }

    /// <summary>Waits for one client.</summary>
    /// <param name="host">Address of this machine to listen on; <c>null</c>: every one.</param>
    /// <exception cref="FormatException">The host is no address.</exception>
    /// <exception cref="IOException">The port is taken, or the wait was cancelled.</exception>
    public static async Task<TcpChannel> AcceptAsync(HwExecutor executor, string? host, ushort port, Action listening, CancellationToken cancel)
    {
        try
        {
            var address = IPAddress.Any;
            if (host is not null && !IPAddress.TryParse(host, out address!)) throw new FormatException($"'{host}' is not an address to listen on, such as 127.0.0.1");
            using var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(new IPEndPoint(address, port));
            listener.Listen(1);
            listening();
            return new TcpChannel(executor, await Wait(executor, "client", () => listener.AcceptAsync(cancel).AsTask()));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            throw new IOException($"Couldn't listen to port {port} (TCP): {e.Message}", e);
        }
    }

    /// <summary>Reads until the buffer is full.</summary>
    /// <exception cref="IOException">The peer closed, or is gone.</exception>
    public async Task ReadAsync(Memory<byte> buffer)
    {
        for (var done = 0; done < buffer.Length;)
        {
            var rest = buffer[done..];
            var read = await Transfer(() => socket.ReceiveAsync(rest, SocketFlags.None).AsTask());
            if (read == 0) throw new IOException($"the peer closed its TCP connection after {done} of {buffer.Length} bytes of a message");
            done += read;
        }
    }

    /// <exception cref="IOException">The peer is gone.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> message)
    {
        for (var done = 0; done < message.Length;)
        {
            var rest = message[done..];
            done += await Transfer(() => socket.SendAsync(rest, SocketFlags.None).AsTask());
        }
    }

    private async Task<int> Transfer(Func<Task<int>> call)
    {
        try
        {
            return await LoopTask.On(executor, lane, "exchange", call());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException($"the TCP connection to the peer broke: {e.Message}", e);
        }
    }

    private static ValueTask<T> Wait<T>(HwExecutor executor, string what, Func<Task<T>> call) =>
        LoopTask.On(executor, executor.CreateLane(what, ChoiceKind.Dispatch), what, call());

    public void Dispose() => socket.Dispose();
}
