namespace Weft.Fabric.Verbs;

/// <summary>Objects that a device holds now. The device's own QP1 does not count.</summary>
public readonly record struct ResourceCounts(
    int ProtectionDomains, int MemoryRegions, int MemoryWindows, int CompletionQueues, int QueuePairs, int SharedReceiveQueues, int AddressHandles, int CmIds);
