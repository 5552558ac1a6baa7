using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Scenarios.Tools;

/// <summary>A CM id whose events are awaited one after another, as the verbs tools wait for them (rdma_get_cm_event).</summary>
internal sealed class CmConnection : ICmEventHandler
{
    private static readonly Duration ResolveTimeout = Duration.FromSeconds(2);

    private readonly Completion<bool> step;
    private CmEventType wanted;

    /// <summary>An id of the side that connects.</summary>
    public CmConnection(IRdmaDevice device, PortSpace space) : this(device.Executor) => Id = device.ConnectionManager.CreateId(space, this);

    /// <summary>Takes over the id of a connection request.</summary>
    public CmConnection(ICmId request) : this(request.Device.Executor)
    {
        Id = request;
        request.Handler = this;
    }

    private CmConnection(IExecutor executor)
    {
        step = new(executor.CreateLane("connection", ChoiceKind.Dispatch), "connection");
        Id = null!;
    }

    public ICmId Id { get; }
    public bool IsDisconnected { get; private set; }
    /// <summary>The peer answered with a REJ.</summary>
    public bool IsRefused { get; private set; }
    /// <summary>UD port space, once established: the peer's queue pair.</summary>
    public Qpn DatagramQpn { get; private set; }
    public QKey DatagramQKey { get; private set; }

    /// <summary>Finds the way to a peer.</summary>
    /// <exception cref="IOException">The peer cannot be found.</exception>
    public async Task ResolveAsync(IpEndpoint peer)
    {
        await WaitAsync(CmEventType.AddressResolved, Id.ResolveAddress(peer, ResolveTimeout));
        await WaitAsync(CmEventType.RouteResolved, Id.ResolveRoute(ResolveTimeout));
    }

    /// <exception cref="IOException">The peer refuses, or does not answer.</exception>
    public ValueTask<bool> ConnectAsync(ConnectionParameters parameters) => WaitAsync(CmEventType.Established, Id.Connect(parameters));

    /// <exception cref="IOException">The peer does not finish.</exception>
    public ValueTask<bool> AcceptAsync(ConnectionParameters parameters) => WaitAsync(CmEventType.Established, Id.Accept(parameters));

    /// <summary>Disconnects, and waits until the peer knows.</summary>
    public async Task DisconnectAsync()
    {
        if (IsDisconnected || Id.Disconnect() is not null) return;
        await WaitAsync(CmEventType.Disconnected, null);
    }

    /// <summary>Waits until the peer disconnects.</summary>
    public async Task PeerGoneAsync()
    {
        if (!IsDisconnected) await WaitAsync(CmEventType.Disconnected, null);
    }

    /// <summary>Gives the queue pair and the id back; the peer is told if it does not know yet.</summary>
    public void Close()
    {
        Id.QueuePair?.Destroy();
        Id.Destroy();
        step.TrySetException(new IOException("the connection was closed"));
    }

    private ValueTask<bool> WaitAsync(CmEventType type, VerbsError? error)
    {
        if (error is not null) throw new IOException(error.ToString());
        step.Reset();
        wanted = type;
        return step.Task;
    }

    public void OnCmEvent(in CmEvent cmEvent)
    {
        switch (cmEvent.Type)
        {
            case CmEventType.TimewaitExit:
                return;
            case CmEventType.Disconnected:
                IsDisconnected = true;
                Id.Disconnect(); // the answer, when the peer was first
                break;
            case CmEventType.Rejected:
                IsRefused = true;
                break;
            case CmEventType.Established:
                (DatagramQpn, DatagramQKey) = (cmEvent.DatagramQpn, cmEvent.DatagramQKey);
                break;
        }
        if (cmEvent.Type == wanted) step.TrySetResult(true);
        else step.TrySetException(new IOException($"{Id.Remote}: {Describe(cmEvent)}"));
    }

    private static string Describe(in CmEvent cmEvent) => cmEvent.Type switch
    {
        CmEventType.Rejected when cmEvent.Status == 8 => "the connection was refused: nobody listens there (REJ reason 8)",
        CmEventType.Rejected => $"the connection was refused (REJ reason {cmEvent.Status})",
        CmEventType.AddressError or CmEventType.RouteError => $"no way to the peer: it does not answer ARP or neighbour discovery (error {cmEvent.Status})",
        CmEventType.Unreachable => $"the peer does not answer the connection request (error {cmEvent.Status})",
        CmEventType.Disconnected => "the peer disconnected early",
        _ => $"cma event {cmEvent.Type}, error {cmEvent.Status}",
    };
}
