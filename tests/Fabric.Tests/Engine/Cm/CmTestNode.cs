using Weft.Fabric.Connections;
using Weft.Fabric.Engine.Cm;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Tests.Engine.Cm;

/// <summary>A node with one device and one port, joined to others by a <see cref="CmTestNet"/>. Only what the connection manager touches is real.</summary>
internal sealed class CmTestNode : IExecutor, IRdmaDevice, IMadPort, IPacketPort, IQpnAllocator, IChooser, IProtectionDomain
{
    private readonly CmTestNet net;
    private readonly List<Gid> gids;
    private IMadAgent agent = null!;
    private uint nextQpn;

    public CmTestNode(CmTestNet net, string name, Guid64 guid, uint firstQpn, params Gid[] gids)
    {
        (this.net, Name, this.gids, nextQpn) = (net, name, [.. gids], firstQpn);
        Attributes = new() { Name = name, NodeGuid = guid };
        Manager = new(this, [this], [this], this);
    }

    public string Name { get; }
    public ConnectionManager Manager { get; }
    public Gid Address => gids[0];
    public DeviceAttributes Attributes { get; }
    public HashSet<Qpn> Reserved { get; } = [];
    public List<CmTestQp> Qps { get; } = [];
    public HashSet<CmTestLane> Lanes { get; } = [];
    public List<CmTestTimer> Timers { get; } = [];
    /// <summary>Values to draw before the generated ones.</summary>
    public Queue<ulong> Draws { get; } = [];
    /// <summary>Set while a call into the manager runs: no event may be delivered then.</summary>
    public bool InCall { get; set; }
    public bool Reachable { get; set; } = true;
    public bool AnswerNeighbors { get; set; } = true;
    /// <summary>Refuses the transition to that state.</summary>
    public QpState? RefuseState { get; set; }

    public IEnumerable<Weft.Fabric.Execution.Timer> ArmedTimers => Timers.Where(t => t.IsArmed);

    public Instant Now => net.Now;
    public IChooser Chooser => this;
    public ILane CreateLane(string name, ChoiceKind kind)
    {
        var lane = new CmTestLane(name, kind);
        Lanes.Add(lane);
        return lane;
    }

    public void ReleaseLane(ILane lane)
    {
        Assert.Empty(((CmTestLane)lane).Items);
        Assert.True(Lanes.Remove((CmTestLane)lane));
    }

    public Weft.Fabric.Execution.Timer CreateTimer(string name, Action onFired)
    {
        var timer = new CmTestTimer(name, onFired);
        Timers.Add(timer);
        return timer;
    }

    public int Choose(int n, in ChoicePoint why) => net.Random.Next(n);
    public ulong Draw(int bits, in ChoicePoint why) =>
        Draws.TryDequeue(out var value) ? value : (ulong)net.Random.NextInt64() & (bits == 64 ? ulong.MaxValue : (1UL << bits) - 1);

    IExecutor IRdmaDevice.Executor => this;
    public int PortCount => 1;
    public PortAttributes QueryPort(byte portNumber) => new(PortState.Active, LinkType.Ethernet, PathMtu.Mtu4096, ActiveMtu, gids.Count, 1);
    public Gid QueryGid(byte portNumber, int index) => gids[index];
    public PKey QueryPKey(byte portNumber, int index) => PKey.Default;
    public IConnectionManager ConnectionManager => Manager;
    public IProtectionDomain AllocateProtectionDomain() => this;
    public ICompletionQueue CreateCompletionQueue(int capacity, ICompletionHandler? handler) => throw new NotSupportedException();
    public void AddAsyncEventHandler(IAsyncEventHandler handler) => throw new NotSupportedException();
    public void RemoveAsyncEventHandler(IAsyncEventHandler handler) => throw new NotSupportedException();
    public ResourceCounts Resources => default;

    byte IMadPort.PortNumber => 1;
    void IMadPort.Send(in AddressVector path, Qpn destination, ReadOnlySpan<byte> mad)
    {
        Assert.Equal(Qpn.Gsi, destination);
        net.Send(path.SourceGid, path.DestinationGid, mad);
    }

    public void RegisterClient(byte managementClass, IMadAgent client) => throw new NotSupportedException();

    public void Register(byte managementClass, IMadAgent newAgent)
    {
        Assert.Equal(7, managementClass);
        agent = newAgent;
    }

    public void Receive(Gid from, Gid to, ReadOnlySpan<byte> mad) => agent.OnMad(this, new(to, from), Qpn.Gsi, mad);

    byte IPacketPort.Number => 1;
    public LinkType LinkType => LinkType.Ethernet;
    public PathMtu ActiveMtu { get; set; } = PathMtu.Mtu1024;
    public bool IsActive => true;
    public Frame Rent() => throw new NotSupportedException();
    public void Send(Frame frame, in AddressVector path, ushort flow) => throw new NotSupportedException();
    public ushort FlowOf(in AddressVector path, Qpn local, Qpn remote) => throw new NotSupportedException();
    public int GidTableLength => gids.Count;
    public void Attach(IPacketSink sink) { } // no packets here, only MADs
    public Gid GidAt(int index) => gids[index];
    public PKey PKeyAt(int index) => PKey.Default;
    public int IndexOf(Gid gid) => gids.IndexOf(gid);
    public void Resolve(Gid source, Gid destination, INeighborWaiter waiter)
    {
        if (AnswerNeighbors) waiter.OnNeighbor(destination, Reachable);
    }

    public void Reserve(Qpn qpn) => Assert.True(Reserved.Add(qpn), $"{qpn} reserved twice");
    public void Unreserve(Qpn qpn) => Assert.True(Reserved.Remove(qpn), $"{qpn} was not reserved");

    public IRdmaDevice Device => this;
    public IMemoryRegion Register(Memory<byte> memory, AccessFlags access, ulong? address = null) => throw new NotSupportedException();
    public IMemoryRegion AllocateFastRegistration(int maxSegments) => throw new NotSupportedException();
    public IMemoryWindow AllocateWindow(MemoryWindowType type) => throw new NotSupportedException();
    public ISharedReceiveQueue CreateSharedReceiveQueue(int capacity, int maxSge = 2) => throw new NotSupportedException();
    public IAddressHandle CreateAddressHandle(in AddressVector vector) => throw new NotSupportedException();
    public VerbsError? Deallocate() => null;
    public IQueuePair CreateQueuePair(QpInit init)
    {
        while (Reserved.Contains(new(nextQpn))) nextQpn++;
        var qp = new CmTestQp(this, new(nextQpn++), init);
        Qps.Add(qp);
        return qp;
    }
}
