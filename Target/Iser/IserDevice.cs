using Weft.Fabric.Verbs;
using Weft.Target.Rdma;
using Weft.Target.Sessions;

namespace Weft.Target.Iser;

/// <summary>What the connections of one RDMA device share: protection domain, data buffers, and its asynchronous events.</summary>
internal sealed class IserDevice : IAsyncEventHandler
{
    private readonly Dictionary<Qpn, IserConnection> connections = [];
    private int users;

    public IserDevice(IRdmaDevice device, HostLimits limits)
    {
        Device = device;
        Domain = device.AllocateProtectionDomain();
        Pool = new(Domain, limits.DataPoolBytes, limits.MaxTransfer);
        device.AddAsyncEventHandler(this);
    }

    public IRdmaDevice Device { get; }
    public IProtectionDomain Domain { get; }
    public DataPool Pool { get; }

    public void Add(IserConnection connection, Qpn number) => connections[number] = connection;

    public void Remove(Qpn number) => connections.Remove(number);

    public void AddUser() => users++;

    /// <summary>Gives the domain back with the last portal.</summary>
    public bool RemoveUser()
    {
        if (--users > 0) return false;
        Device.RemoveAsyncEventHandler(this);
        Pool.Release();
        Domain.Deallocate();
        return true;
    }

    void IAsyncEventHandler.OnAsyncEvent(in AsyncEvent asyncEvent)
    {
        switch (asyncEvent.Type)
        {
            case AsyncEventType.DeviceFatal:
                foreach (var connection in connections.Values.ToArray()) connection.Close(CloseReason.DeviceRemoved);
                break;
            case AsyncEventType.CqError:
                foreach (var connection in connections.Values.ToArray())
                    if (connection.Owns(asyncEvent.CompletionQueue)) connection.Close(CloseReason.TransportError);
                break;
            default:
                if (asyncEvent.QueuePair is { } qp && connections.TryGetValue(qp.Number, out var found)) found.OnQueuePairEvent(asyncEvent.Type);
                break;
        }
    }
}
