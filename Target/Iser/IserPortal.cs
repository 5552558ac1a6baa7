using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;
using Weft.Target.Sessions;

namespace Weft.Target.Iser;

/// <summary>An address on which a host takes iSER connections.</summary>
public class IserPortal : ITargetPortal, ICmEventHandler
{
    /// <summary>Unanswered requests that the connection manager keeps.</summary>
    private const int Backlog = 1024;
    private readonly IpEndpoint endpoint;
    private ICmId? listener;

    /// <exception cref="VerbsException">The device refuses to listen there.</exception>
    public IserPortal(TargetHost host, IRdmaDevice device, IpEndpoint endpoint)
    {
        (Host, this.endpoint) = (host, endpoint);
        host.Add(this);
        foreach (var other in host.Portals)
            if (other is IserPortal { Shared: { } shared } && shared.Device == device) Shared = shared;
        Shared ??= new(device, host.Limits);
        Shared.AddUser();
        listener = device.ConnectionManager.CreateId(PortSpace.Tcp, this);
        if ((listener.Bind(endpoint) ?? listener.Listen(Backlog)) is not { } error) return;
        host.Remove(this);
        Release();
        throw new VerbsException(error);
    }

    public TargetHost Host { get; }
    internal IserDevice Shared { get; }
    string? ITargetPortal.Host => endpoint.Address.IsNone ? null : endpoint.Address.ToString();
    public ushort Port => endpoint.Port;
    public bool IsListening => listener is not null;
    /// <summary>Data buffers of the device that commands hold.</summary>
    public int LentBuffers => Shared.Pool.Outstanding;

    public void StopListening()
    {
        listener?.Destroy();
        listener = null;
    }

    public void Release()
    {
        StopListening();
        Shared.RemoveUser();
    }

    void ICmEventHandler.OnCmEvent(in CmEvent cmEvent)
    {
        switch (cmEvent.Type)
        {
            case CmEventType.ConnectRequest:
                if (!Host.TryBeginLogin(endpoint.ToString())) TurnAway(cmEvent.Id);
                else Accept(cmEvent);
                break;
            case CmEventType.DeviceRemoval:
                StopListening();
                foreach (var connection in Host.Connections.ToArray())
                    if (connection is IserConnection iser && iser.Shared == Shared) iser.Close(CloseReason.DeviceRemoved);
                break;
        }
    }

    /// <summary>Too many logins, or the host is stopping: the peer is told at once and may try again.</summary>
    protected virtual void TurnAway(ICmId id)
    {
        id.Reject(default);
        id.Destroy();
    }

    private void Accept(in CmEvent cmEvent)
    {
        var connection = CreateConnection(cmEvent.Id);
        Host.Add(connection);
        connection.Accept(cmEvent);
    }

    /// <summary>Makes the connection object of a request.</summary>
    protected virtual IserConnection CreateConnection(ICmId id) => new(this, id);
}
