using Weft.Protocol.Cm;

namespace Weft.Initiator.Tests.Fakes;

/// <summary>
/// A device without a network: its queue pairs hand messages to a <see cref="FakeTarget"/>, which plays the peer down to its RDMA. It checks
/// what a real one would: keys, access, bounds, posted receives, and that nothing is freed too early.
/// </summary>
internal sealed class FakeDevice(IExecutor executor, FakeTarget target) : IRdmaDevice, IConnectionManager, IProtectionDomain
{
    private uint nextKey = 0x100, nextQpn = 0x11;
    private int domains;

    public FakeTarget Target { get; } = target;
    public List<FakeMemoryRegion> Regions { get; } = [];
    public List<FakeCompletionQueue> Queues { get; } = [];
    public List<FakeQueuePair> Pairs { get; } = [];
    public List<FakeCmId> Ids { get; } = [];
    public List<IAsyncEventHandler> Handlers { get; } = [];
    /// <summary>What becomes of the next connects; none left: they succeed.</summary>
    public Queue<CmEventType> ConnectOutcomes { get; } = [];
    /// <summary>Private data flags of the REP.</summary>
    public byte PeerFlags { get; set; } = 0x80;
    /// <summary>Refuses posts to queue pairs in the error state, as one device did.</summary>
    public bool RefusesMarkers { get; set; }
    public int Connects { get; set; }

    public DeviceAttributes Attributes { get; } = new() { Name = "fake0", NodeGuid = new(0x5254_00FF_FE09_000B) };
    public IExecutor Executor => executor;
    public int PortCount => 1;
    public IConnectionManager ConnectionManager => this;
    public IRdmaDevice Device => this;
    public ResourceCounts Resources => new(domains, Regions.Count, 0, Queues.Count, Pairs.Count, 0, 0, Ids.Count);

    public PortAttributes QueryPort(byte portNumber) => throw new NotSupportedException();
    public Gid QueryGid(byte portNumber, int index) => Gid.Parse("10.9.0.12");
    public PKey QueryPKey(byte portNumber, int index) => throw new NotSupportedException();

    public IProtectionDomain AllocateProtectionDomain()
    {
        domains++;
        return this;
    }

    public VerbsError? Deallocate()
    {
        if (Regions.Count + Pairs.Count > 0) throw new InvalidOperationException("domain freed while it is used");
        domains--;
        return null;
    }

    public ICompletionQueue CreateCompletionQueue(int capacity, ICompletionHandler? handler)
    {
        var cq = new FakeCompletionQueue(this, capacity, handler!);
        Queues.Add(cq);
        return cq;
    }

    public void AddAsyncEventHandler(IAsyncEventHandler handler) => Handlers.Add(handler);
    public void RemoveAsyncEventHandler(IAsyncEventHandler handler) => Handlers.Remove(handler);

    public int IdCount => Ids.Count;
    public ICmId CreateId(PortSpace space, ICmEventHandler handler, object? context = null)
    {
        var id = new FakeCmId(this, handler);
        Ids.Add(id);
        return id;
    }

    public IMemoryRegion Register(Memory<byte> memory, AccessFlags access, ulong? address = null) =>
        Add(new(this, NextKey()) { Memory = memory, Access = access, Address = (ulong)nextKey << 24, IsValid = true });

    public IMemoryRegion AllocateFastRegistration(int maxSegments) => Add(new(this, NextKey()) { MaxSegments = maxSegments });

    private FakeMemoryRegion Add(FakeMemoryRegion region)
    {
        Regions.Add(region);
        return region;
    }

    private uint NextKey() => nextKey += 0x100;

    public IQueuePair CreateQueuePair(QpInit init)
    {
        var pair = new FakeQueuePair(this, new(nextQpn++), init);
        Pairs.Add(pair);
        return pair;
    }

    /// <summary>The memory that a key opens, or a failed test.</summary>
    public Span<byte> Open(uint key, ulong address, uint length, AccessFlags needed)
    {
        var region = Regions.Find(r => r.Key == key && r.IsValid) ?? throw new InvalidOperationException($"key 0x{key:x} is not valid");
        if ((region.Access & needed) != needed) throw new InvalidOperationException($"key 0x{key:x} gives {region.Access}, needed is {needed}");
        return region.Memory.Span.Slice((int)(address - region.Address), (int)length);
    }

    public IMemoryWindow AllocateWindow(MemoryWindowType type) => throw new NotSupportedException();
    public ISharedReceiveQueue CreateSharedReceiveQueue(int capacity, int maxSge = 2) => throw new NotSupportedException();
    public IAddressHandle CreateAddressHandle(in AddressVector vector) => throw new NotSupportedException();
}
