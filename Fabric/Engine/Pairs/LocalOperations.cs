using Weft.Fabric.Engine.Memory;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>Work requests that touch the device's own tables only. IBA Vol 1 §10.6.3.3, §10.6.5, §10.6.7.</summary>
internal static class LocalOperations
{
    public static CompletionStatus Run(QueuePair qp, in SendRequest request) => request.Opcode switch
    {
        WorkOpcode.RegisterMemory => request.Region is MemoryRegion region && region.Domain == qp.Domain && region.TryRegister(request)
            ? CompletionStatus.Success
            : CompletionStatus.LocalQpOperationError,
        WorkOpcode.BindMemoryWindow => request.Window is MemoryWindow window && window.TryBind(request, qp) ? CompletionStatus.Success : CompletionStatus.MemoryWindowBindError,
        _ => TryInvalidate(qp, request.Key) ? CompletionStatus.Success : CompletionStatus.LocalQpOperationError,
    };

    /// <summary>Local invalidate, and SEND with invalidate at its receiver: the key must match in all bits. IBA Vol 1 §10.6.5.</summary>
    public static bool TryInvalidate(QueuePair qp, RKey key) => qp.Hca.Memory.Find(key.Value) switch
    {
        MemoryRegion region => region.Domain == qp.Domain && region.TryInvalidate(),
        MemoryWindow window => window.TryInvalidate(qp),
        _ => false,
    };

    /// <summary>What the peer may invalidate: as above, and the region must be one that it could access. IBA Vol 1 §9.4.1.1.3.</summary>
    public static bool TryRemoteInvalidate(QueuePair qp, RKey key)
    {
        const AccessFlags remote = AccessFlags.RemoteRead | AccessFlags.RemoteWrite | AccessFlags.RemoteAtomic;
        var entry = qp.Hca.Memory.Find(key.Value);
        return entry is not null && (entry.Rights & remote) != 0 && TryInvalidate(qp, key);
    }
}
