using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Scenarios.Tools;

/// <summary>A listening CM id whose connection requests are awaited one after another.</summary>
internal sealed class CmListener : ICmEventHandler, IDisposable
{
    private readonly Queue<ICmId> requests = new();
    private readonly Completion<bool> arrived;
    private readonly ICmId id;

    /// <exception cref="VerbsException">The endpoint is taken or not ours.</exception>
    public CmListener(IRdmaDevice device, PortSpace space, IpEndpoint endpoint, int backlog)
    {
        arrived = new(device.Executor.CreateLane("listener", ChoiceKind.Dispatch), "connection request");
        id = device.ConnectionManager.CreateId(space, this);
        if ((id.Bind(endpoint) ?? id.Listen(backlog)) is not { } error) return;
        id.Destroy();
        throw new VerbsException(error);
    }

    /// <summary>The next request; the caller answers it.</summary>
    public async Task<CmConnection> NextAsync()
    {
        if (requests.Count == 0)
        {
            arrived.Reset();
            await arrived.Task;
        }
        return new CmConnection(requests.Dequeue());
    }

    public void OnCmEvent(in CmEvent cmEvent)
    {
        if (cmEvent.Type != CmEventType.ConnectRequest) return;
        requests.Enqueue(cmEvent.Id);
        arrived.TrySetResult(true);
    }

    public void Dispose()
    {
        id.Destroy();
        while (requests.TryDequeue(out var request)) request.Destroy();
        arrived.TrySetException(new IOException("the listener was closed"));
    }
}
