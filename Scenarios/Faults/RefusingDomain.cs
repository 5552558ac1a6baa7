using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Faults;

/// <summary>A protection domain of a <see cref="RefusingDevice"/>.</summary>
internal sealed class RefusingDomain(RefusingDevice device, IProtectionDomain inner) : IProtectionDomain
{
    public IRdmaDevice Device => device;

    public IMemoryRegion Register(Memory<byte> memory, AccessFlags access, ulong? address = null) => inner.Register(memory, access, address);
    public IMemoryRegion AllocateFastRegistration(int maxSegments) => inner.AllocateFastRegistration(maxSegments);
    public IMemoryWindow AllocateWindow(MemoryWindowType type) => inner.AllocateWindow(type);

    // Only a queue pair that will be refused is wrapped: the others are the device's own.
    public IQueuePair CreateQueuePair(QpInit init) =>
        device.RefusalsLeft > 0 || device.WrapsAll ? new RefusingQueuePair(device, this, inner.CreateQueuePair(init)) : inner.CreateQueuePair(init);

    public ISharedReceiveQueue CreateSharedReceiveQueue(int capacity, int maxSge = 2) => inner.CreateSharedReceiveQueue(capacity, maxSge);
    public IAddressHandle CreateAddressHandle(in AddressVector vector) => inner.CreateAddressHandle(vector);
    public VerbsError? Deallocate() => inner.Deallocate();
}
