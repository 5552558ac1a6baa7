using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Faults;

/// <summary>A device that refuses to make some of its queue pairs, to bring them up, or to take a work request, as hardware does that has run out of something inside.</summary>
internal sealed class RefusingDevice(IRdmaDevice inner) : IRdmaDevice
{
    /// <summary>How many further moves to RTR are refused.</summary>
    public int RefusalsLeft { get; set; }
    /// <summary>Moves refused so far.</summary>
    public int Refused { get; set; }

    /// <summary>All queue pairs are watched, for <see cref="RefusesPost"/>, not only those that will be refused.</summary>
    public bool WrapsAll { get; init; }
    /// <summary>Which of the next RDMA requests is refused, counted from 1; 0: none.</summary>
    public int RefusesPost { get; set; }

    /// <summary>How many further queue pairs are not created.</summary>
    public int CreationsRefused { get; set; }
    /// <summary>A request without data at the end of a send or receive queue, which is to tell when the queue has drained, is refused.</summary>
    public bool RefusesSendMarker { get; set; }
    public bool RefusesReceiveMarker { get; set; }

    public DeviceAttributes Attributes => inner.Attributes;
    public IExecutor Executor => inner.Executor;
    public int PortCount => inner.PortCount;
    public IConnectionManager ConnectionManager => inner.ConnectionManager;
    public ResourceCounts Resources => inner.Resources;

    public PortAttributes QueryPort(byte portNumber) => inner.QueryPort(portNumber);
    public Gid QueryGid(byte portNumber, int index) => inner.QueryGid(portNumber, index);
    public PKey QueryPKey(byte portNumber, int index) => inner.QueryPKey(portNumber, index);
    public IProtectionDomain AllocateProtectionDomain() => new RefusingDomain(this, inner.AllocateProtectionDomain());
    public ICompletionQueue CreateCompletionQueue(int capacity, ICompletionHandler? handler) => inner.CreateCompletionQueue(capacity, handler);
    public void AddAsyncEventHandler(IAsyncEventHandler handler) => inner.AddAsyncEventHandler(handler);
    public void RemoveAsyncEventHandler(IAsyncEventHandler handler) => inner.RemoveAsyncEventHandler(handler);

    /// <summary>Decides about an RDMA request that is to be posted.</summary>
    public VerbsError? RefusePost()
    {
        if (RefusesPost == 0 || --RefusesPost > 0) return null;
        return new(VerbsErrorCode.OutOfResources, "no entry for the request is left");
    }

    /// <summary>Decides about a queue pair that is to be created.</summary>
    /// <exception cref="VerbsException">It is not.</exception>
    public void AdmitCreation()
    {
        if (CreationsRefused == 0) return;
        CreationsRefused--;
        throw new VerbsException(new(VerbsErrorCode.OutOfResources, "no memory for the queue pair"));
    }

    /// <summary>Decides about a queue pair that is to go to RTR.</summary>
    public VerbsError? Refuse()
    {
        if (RefusalsLeft == 0) return null;
        RefusalsLeft--;
        Refused++;
        return new(VerbsErrorCode.OutOfResources, "no context for the queue pair is left");
    }
}
