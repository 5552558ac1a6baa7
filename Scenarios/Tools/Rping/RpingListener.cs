using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Scenarios.Tools.Rping;

/// <summary>rping -s -P: a listener that serves every client with a server of its own.</summary>
internal sealed class RpingListener(IRdmaDevice device, RpingOptions options, Action<string>? output = null) : ICmEventHandler
{
    private readonly List<RpingServer> servers = [];
    private ICmId? id;

    public List<RpingServer> Servers => servers;

    /// <exception cref="VerbsException">The endpoint is taken or not ours.</exception>
    public void Listen(IpEndpoint endpoint)
    {
        id = device.ConnectionManager.CreateId(PortSpace.Tcp, this);
        if ((id.Bind(endpoint) ?? id.Listen(1024)) is { } error)
        {
            id.Destroy();
            throw new VerbsException(error);
        }
    }

    public void OnCmEvent(in CmEvent cmEvent)
    {
        if (cmEvent.Type != CmEventType.ConnectRequest) return;
        var server = new RpingServer(device, options, output ?? (_ => { }));
        servers.Add(server);
        server.Accept(cmEvent.Id);
    }

    public void Close() => id?.Destroy();
}
