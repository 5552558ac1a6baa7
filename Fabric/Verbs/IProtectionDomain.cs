namespace Weft.Fabric.Verbs;

/// <summary>A protection domain: QPs and memory of one domain may work together. IBA Vol 1 §10.2.3.</summary>
public interface IProtectionDomain
{
    IRdmaDevice Device { get; }

    /// <summary>Registers memory.</summary>
    /// <param name="address">Address (IOVA) of its first byte; <c>null</c> lets the device choose one that no other region has.</param>
    /// <exception cref="VerbsException">Remote write or atomic access without local write, or too many regions.</exception>
    IMemoryRegion Register(Memory<byte> memory, AccessFlags access, ulong? address = null);

    /// <summary>A region for registration through the send queue (FRWR); invalid until a RegisterMemory request has run.</summary>
    IMemoryRegion AllocateFastRegistration(int maxSegments);

    IMemoryWindow AllocateWindow(MemoryWindowType type);
    IQueuePair CreateQueuePair(QpInit init);
    ISharedReceiveQueue CreateSharedReceiveQueue(int capacity, int maxSge = 2);
    IAddressHandle CreateAddressHandle(in AddressVector vector);

    /// <summary>Refused as Busy while anything was created in it and not yet destroyed.</summary>
    VerbsError? Deallocate();
}
