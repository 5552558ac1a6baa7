using System.Net.Sockets;
using Weft.Fabric.Hw;
using Weft.Protocol.Nbd;

namespace Weft.Scenarios.Tools.Nbd;

/// <summary>The socket of one client: moves bytes between it and an <see cref="NbdServer"/>, never waits.</summary>
internal sealed class NbdConnection : IPollSource
{
    /// <summary>Receive calls in one turn, so that one client does not keep the link waiting.</summary>
    private const int Turns = 16;

    private readonly Socket socket;
    private readonly NbdServer server;
    private readonly Action<NbdConnection> onEnded;
    private bool hasEnded;

    public NbdConnection(Socket socket, NbdExport export, INbdDisk disk, Action<NbdConnection> onEnded)
    {
        (this.socket, this.onEnded) = (socket, onEnded);
        socket.Blocking = false;
        if (socket.ProtocolType == ProtocolType.Tcp) socket.NoDelay = true;
        Descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        server = new NbdServer(export, disk) { Changed = Send };
    }

    public int Descriptor { get; }
    public bool WantsRead => !hasEnded && !server.Input.IsEmpty;
    public bool WantsWrite => !hasEnded && !server.Output.IsEmpty;

    public void OnReady()
    {
        Send();
        for (var turn = 0; turn < Turns && !hasEnded && Receive(); turn++)
        {
        }
        Send();
    }

    /// <summary>Takes no more requests; the end comes when those under way are answered.</summary>
    public void Close()
    {
        server.Close();
        Send();
    }

    /// <summary>Hangs up.</summary>
    public void Abandon()
    {
        server.OnGone();
        EndIfFinished();
    }

    private bool Receive()
    {
        var room = server.Input;
        if (room.IsEmpty) return false;
        var count = socket.Receive(room.Span, SocketFlags.None, out var error);
        if (error is SocketError.WouldBlock or SocketError.Interrupted) return false;
        if (error != SocketError.Success || count == 0)
        {
            server.OnGone();
            return false;
        }
        server.OnReceived(count);
        return true;
    }

    private void Send()
    {
        while (!hasEnded && server.Output is { IsEmpty: false } output)
        {
            var count = socket.Send(output.Span, SocketFlags.None, out var error);
            if (error is SocketError.WouldBlock or SocketError.Interrupted) return;
            if (error == SocketError.Success) server.OnSent(count);
            else server.OnGone();
        }
        EndIfFinished();
    }

    private void EndIfFinished()
    {
        if (!server.IsFinished) return;
        if (!hasEnded)
        {
            hasEnded = true;
            socket.Dispose();
            onEnded(this);
        }
        // Commands of a client that is gone still write to the memory of its requests: that stays until they have ended.
        if (server.Jobs == 0) server.Dispose();
    }
}
