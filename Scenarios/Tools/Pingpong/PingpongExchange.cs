using Weft.Protocol.Tools;
using Weft.Scenarios.Live;

namespace Weft.Scenarios.Tools.Pingpong;

/// <summary>
/// How the two sides of a pingpong find each other over TCP. The client tells its addresses first; the server is ready to receive before it tells
/// its own; the client's last word says that it has them.
/// </summary>
internal static class PingpongExchange
{
    private static ReadOnlySpan<byte> Done => "done\0"u8;

    /// <exception cref="IOException">The peer is gone, or what it says is no address.</exception>
    public static async Task<PingpongAddress[]> RunAsync(TcpChannel channel, PingpongEndpoint endpoint)
    {
        PingpongAddress[] peers;
        var done = Done.ToArray();
        if (endpoint.IsClient)
        {
            await TellAsync(channel, endpoint);
            peers = await HearAsync(channel, endpoint);
            await channel.WriteAsync(done);
            endpoint.Connect(peers);
        }
        else
        {
            peers = await HearAsync(channel, endpoint);
            endpoint.Connect(peers);
            await TellAsync(channel, endpoint);
            await channel.ReadAsync(done);
            if (!done.AsSpan().SequenceEqual(Done)) throw new IOException("the client did not confirm our address");
        }
        return peers;
    }

    // The examples read one whole message at a time, so each is one write.
    private static async Task TellAsync(TcpChannel channel, PingpongEndpoint endpoint)
    {
        var message = new byte[PingpongAddress.Length];
        foreach (var address in endpoint.Own)
        {
            address.Write(message);
            await channel.WriteAsync(message);
        }
    }

    private static async Task<PingpongAddress[]> HearAsync(TcpChannel channel, PingpongEndpoint endpoint)
    {
        var message = new byte[PingpongAddress.Length];
        var peers = new PingpongAddress[endpoint.Own.Count];
        for (var i = 0; i < peers.Length; i++)
        {
            await channel.ReadAsync(message);
            if (!PingpongAddress.TryRead(message, out peers[i])) throw new IOException($"the peer said '{ToolText.Show(message)}', which is not LID:QPN:PSN:GID: is it an ibv_*_pingpong of the same kind?");
        }
        return peers;
    }
}
