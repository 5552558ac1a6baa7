using System.Net;
using System.Net.Sockets;
using Weft.Fabric.Hw.Linux;

namespace Weft.Scenarios.Tests.Subnets;

/// <summary>The sockets that a subnet is served by, on their own.</summary>
public sealed class DatagramPollTests
{
    private const int Length = 100;
    private static readonly Duration Patience = Duration.FromSeconds(10);

    /// <summary>Skipped where there is no epoll.</summary>
    private sealed class LinuxFactAttribute : FactAttribute
    {
        public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null! : "epoll exists on Linux only";
    }

    [LinuxFact]
    public void What_a_full_batch_leaves_behind_is_found_although_nothing_new_comes()
    {
        const int Sent = 100; // three batches and some
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var server = Bind(out var port);
        using var poll = new DatagramPoll([server], readsInput: false);
        for (var i = 0; i < Sent; i++) client.SendTo(Datagram(i), new IPEndPoint(IPAddress.Loopback, port));
        for (var received = 0; received < Sent;)
        {
            var until = poll.Now + Patience;
            poll.Wait(until);
            Assert.True(poll.Now < until, $"{received} of {Sent} came, and then none");
            if (!poll.IsReadable(0)) continue;
            var count = server.Receive();
            for (var i = 0; i < count; i++) Assert.Equal(Datagram(received++), server.Datagram(i).ToArray());
        }
        poll.Wait(poll.Now + Duration.FromMilliseconds(1));
        Assert.False(poll.IsReadable(0));
    }

    [LinuxFact]
    public void Waiting_at_one_socket_ends_with_its_first_datagram_or_after_some_milliseconds()
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var server = Bind(out var port);
        Assert.Equal(0, server.ReceiveWaiting());
        client.SendTo(Datagram(7), new IPEndPoint(IPAddress.Loopback, port));
        Assert.Equal(1, server.ReceiveWaiting());
        Assert.Equal(Datagram(7), server.Datagram(0).ToArray());
    }

    private static byte[] Datagram(int number) => [.. Enumerable.Range(0, Length).Select(i => (byte)(number + i))];

    private static DatagramSocket Bind(out int port)
    {
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        free.Bind(new IPEndPoint(IPAddress.Any, 0));
        port = ((IPEndPoint)free.LocalEndPoint!).Port;
        free.Dispose();
        return DatagramSocket.BindUdp(port, Length);
    }
}
