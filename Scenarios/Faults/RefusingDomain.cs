using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Faults;

/// <summary>A protection domain of a <see cref="RefusingDevice"/>.</summary>
internal sealed class RefusingDomain(RefusingDevice device, IProtectionDomain inner) : IProtectionDomain
{
    public IRdmaDevice Device => device;

    public IMemoryRegion Register(Memory<byte> memory, AccessFlags access, ulong? address = null) => inner.Register(memory, access, address);
    public IMemoryRegion AllocateFastRegistration(int maxSegments) => inner.AllocateFastRegistration(maxSegments);
    public IMemoryWindow AllocateWindow(MemoryWindowType type) => inner.AllocateWindow(type);

    public IQueuePair CreateQueuePair(QpInit init)
    {
        device.AdmitCreation();
        var made = inner.CreateQueuePair(init);
        // Only a queue pair that will be refused is wrapped: the others are the device's own.
        return device.RefusalsLeft > 0 || device.WrapsAll ? new RefusingQueuePair(device, this, made) : made;
    }

    public ISharedReceiveQueue CreateSharedReceiveQueue(int capacity, int maxSge = 2) => inner.CreateSharedReceiveQueue(capacity, maxSge);
    public IAddressHandle CreateAddressHandle(in AddressVector vector) => inner.CreateAddressHandle(vector);
    public VerbsError? Deallocate() => inner.Deallocate();
}
