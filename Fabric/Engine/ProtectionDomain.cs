using Weft.Fabric.Engine.Memory;
using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Engine.Queues;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine;

/// <summary>A protection domain: makes what belongs to it, and counts it for the device.</summary>
internal sealed class ProtectionDomain(Hca hca) : IProtectionDomain
{
    private int members;
    private bool isGone;

    public readonly Hca Hca = hca;
    public IRdmaDevice Device => Hca;

    public IMemoryRegion Register(Memory<byte> memory, AccessFlags access, ulong? address)
    {
        CheckAlive();
        if (!AccessRules.IsConsistent(access)) throw Refused(VerbsErrorCode.InvalidAttribute, "remote write and atomic access require local write");
        var zeroBased = (access & AccessFlags.ZeroBased) != 0;
        var start = zeroBased ? 0 : address ?? Hca.Addresses.Take((ulong)memory.Length);
        if (start > ulong.MaxValue - (ulong)memory.Length) throw Refused(VerbsErrorCode.InvalidAttribute, "the region would reach past the last address");
        return Add(new MemoryRegion(this, memory, access, start));
    }

    public IMemoryRegion AllocateFastRegistration(int maxSegments)
    {
        CheckAlive();
        if (maxSegments < 1 || maxSegments > Hca.Attributes.MaxFastRegistrationSegments)
            throw Refused(VerbsErrorCode.InvalidAttribute, $"{maxSegments} segments, 1..{Hca.Attributes.MaxFastRegistrationSegments} allowed");
        return Add(new MemoryRegion(this, maxSegments));
    }

    public IMemoryWindow AllocateWindow(MemoryWindowType type)
    {
        CheckAlive();
        var window = new MemoryWindow(this, type);
        Hca.Memory.Add(window);
        Hca.MemoryWindows++;
        members++;
        return window;
    }

    public IQueuePair CreateQueuePair(QpInit init)
    {
        CheckAlive();
        QpInitRules.Check(this, init);
        var qp = Hca.Create(this, init);
        members++;
        return qp;
    }

    public ISharedReceiveQueue CreateSharedReceiveQueue(int capacity, int maxSge)
    {
        CheckAlive();
        var limits = Hca.Attributes;
        if (capacity < 1 || capacity > limits.MaxSrqWr) throw Refused(VerbsErrorCode.InvalidAttribute, $"capacity {capacity}, 1..{limits.MaxSrqWr} allowed");
        if (maxSge < 1 || maxSge > limits.MaxSge) throw Refused(VerbsErrorCode.InvalidAttribute, $"{maxSge} elements, 1..{limits.MaxSge} allowed");
        if (Hca.SharedReceiveQueues == limits.MaxSrq) throw Refused(VerbsErrorCode.OutOfResources, $"{limits.MaxSrq} SRQs exist");
        Hca.SharedReceiveQueues++;
        members++;
        return new SharedReceiveQueue(this, capacity, maxSge);
    }

    public IAddressHandle CreateAddressHandle(in AddressVector vector)
    {
        CheckAlive();
        if (vector.PortNumber == 0 || vector.PortNumber > Hca.PortCount) throw Refused(VerbsErrorCode.InvalidAttribute, $"port {vector.PortNumber}");
        Hca.AddressHandles++;
        members++;
        return new AddressHandle(this, vector);
    }

    public VerbsError? Deallocate()
    {
        if (isGone) return new(VerbsErrorCode.NotFound, "already deallocated");
        if (members != 0) return new(VerbsErrorCode.Busy, $"{members} objects were made in it and exist");
        isGone = true;
        Hca.ProtectionDomains--;
        return null;
    }

    public void Remove(MemoryRegion region)
    {
        Hca.Memory.Remove(region);
        Hca.MemoryRegions--;
        members--;
    }

    public void Remove(MemoryWindow window)
    {
        Hca.Memory.Remove(window);
        Hca.MemoryWindows--;
        members--;
    }

    public void Remove(QueuePair qp) => members--;

    public void Remove(SharedReceiveQueue srq)
    {
        Hca.SharedReceiveQueues--;
        members--;
    }

    public void Remove(AddressHandle handle)
    {
        Hca.AddressHandles--;
        members--;
    }

    private MemoryRegion Add(MemoryRegion region)
    {
        Hca.Memory.Add(region);
        Hca.MemoryRegions++;
        members++;
        return region;
    }

    private void CheckAlive()
    {
        if (isGone) throw Refused(VerbsErrorCode.NotFound, "the protection domain is deallocated");
    }

    private static VerbsException Refused(VerbsErrorCode code, string detail) => new(new(code, detail));
}
