using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Scenarios.Tools.Udaddy;

/// <summary>udaddy from its first line to its last, as client or server.</summary>
internal sealed class UdaddyRun(IRdmaDevice device, UdaddyOptions options, Action<string> output)
{
    private readonly List<UdaddyNode> nodes = [];
    private CmListener? listener;

    public int Received => nodes.Sum(n => n.Received);
    public int Sent => nodes.Sum(n => n.Sent);

    /// <exception cref="IOException">The server cannot be reached, refuses, or a completion failed.</exception>
    /// <exception cref="VerbsException">The device refuses something.</exception>
    public async Task ConnectAsync(IpEndpoint server)
    {
        output("udaddy: starting client");
        output("udaddy: connecting");
        for (var i = 0; i < options.Connections; i++)
        {
            var connection = new CmConnection(device, PortSpace.Udp);
            await connection.ResolveAsync(server);
            nodes.Add(new UdaddyNode(device, options, connection));
            await nodes[i].ConnectAsync();
        }
        if (options.Count == 0) return;
        output("initiating data transfers");
        foreach (var node in nodes) await node.SendAsync();
        output("receiving data transfers");
        foreach (var node in nodes) await node.ReceiveAsync();
        output("data transfers complete");
    }

    /// <param name="listening">Called once clients may come.</param>
    /// <exception cref="IOException">A completion failed.</exception>
    /// <exception cref="VerbsException">The device refuses something.</exception>
    public async Task ServeAsync(IpEndpoint endpoint, Action listening)
    {
        output("udaddy: starting server");
        listener = new CmListener(device, PortSpace.Udp, endpoint, options.Connections);
        listening();
        for (var i = 0; i < options.Connections; i++)
        {
            nodes.Add(new UdaddyNode(device, options, await listener.NextAsync()));
            nodes[i].Accept();
        }
        if (options.Count == 0) return;
        output("receiving data transfers");
        foreach (var node in nodes) await node.ReceiveAsync();
        output("sending replies");
        foreach (var node in nodes) await node.SendAsync();
        output("data transfers complete");
    }

    /// <summary>Gives everything back.</summary>
    public void Close()
    {
        listener?.Dispose();
        foreach (var node in nodes) node.Close();
    }
}
