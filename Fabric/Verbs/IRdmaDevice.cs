using Weft.Fabric.Connections;
using Weft.Fabric.Execution;

namespace Weft.Fabric.Verbs;

/// <summary>
/// The upper seam: a device, its ports and what is made of them, in the vocabulary of libibverbs and librdmacm.
/// Target and Initiator see nothing else. Everything is called on, and calls back on, the device's executor.
/// </summary>
public interface IRdmaDevice
{
    DeviceAttributes Attributes { get; }
    IExecutor Executor { get; }
    /// <summary>Ports, 1-based on the wire: port n is element n-1.</summary>
    int PortCount { get; }
    PortAttributes QueryPort(byte portNumber);
    Gid QueryGid(byte portNumber, int index);
    PKey QueryPKey(byte portNumber, int index);
    IConnectionManager ConnectionManager { get; }

    IProtectionDomain AllocateProtectionDomain();

    /// <summary>Creates a completion queue; its notifications come in a lane of its own.</summary>
    /// <param name="capacity">Entries, 1..MaxCqe. One more overflows: CqError, and its QPs go to ERROR.</param>
    /// <param name="handler">Told when an armed queue gets an entry; <c>null</c> for polling only.</param>
    ICompletionQueue CreateCompletionQueue(int capacity, ICompletionHandler? handler);

    /// <summary>Adds a listener for asynchronous events (they come in the device's own lane).</summary>
    void AddAsyncEventHandler(IAsyncEventHandler handler);
    void RemoveAsyncEventHandler(IAsyncEventHandler handler);

    /// <summary>QPs, CQs, MRs and so on that exist now: all zero when everything was given back.</summary>
    ResourceCounts Resources { get; }
}
