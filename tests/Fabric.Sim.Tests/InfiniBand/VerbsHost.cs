using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Tests.InfiniBand;

/// <summary>A device on a simulated port of either kind, with memory, completion queues and one QP.</summary>
internal sealed class VerbsHost
{
    private const AccessFlags All = AccessFlags.LocalWrite | AccessFlags.RemoteRead | AccessFlags.RemoteWrite | AccessFlags.RemoteAtomic;
    private readonly WorkCompletion[] polled = new WorkCompletion[64];

    public VerbsHost(LinkPort port, ushort number, IbPortSettings? settings = null)
        : this(port, number, port.Type == LinkType.Ethernet ? null : InfiniBandDevice.Create(port.Node, new()
        {
            Name = port.Node.Name, NodeGuid = new(0x1000ul + number), Paths = new PathTable(),
            Ports = [new() { PortGuid = new(0x2000ul + number), Settings = settings ?? new() { State = PortState.Active, Lid = new(number) } }],
        }, port))
    {
    }

    /// <summary>On an adapter of a subnet that is up.</summary>
    public VerbsHost(IbAdapterNode adapter, PathTable paths)
        : this(adapter.Node.Ports[0], adapter.Model[1].Lid.Value, adapter.Start(adapter.Node, paths))
    {
    }

    /// <summary>On an adapter that runs already.</summary>
    public VerbsHost(IbAdapterNode adapter)
        : this(adapter.Node.Ports[0], adapter.Model[1].Lid.Value, adapter.Device)
    {
    }

    private VerbsHost(LinkPort port, ushort number, InfiniBandDevice? ib)
    {
        (Number, Name, Link, Ib) = (number, port.Node.Name, port, ib);
        Device = ib?.Verbs
            ?? RoceDevice.Create(port.Node, new() { Name = Name, Ports = [new() { Mac = port.SuggestedMac, Addresses = [Gid.FromIPv4(0x0A00_0000u | number)] }] }, port);
        Domain = Device.AllocateProtectionDomain();
        Queue = Device.CreateCompletionQueue(4096, null);
        Memory = new byte[1 << 20];
        for (var i = 0; i < Memory.Length; i++) Memory[i] = (byte)(i * 7 + (i >> 8) + number);
        Region = Domain.Register(Memory, All);
    }

    public string Name { get; }
    public ushort Number { get; }
    public LinkPort Link { get; }
    public InfiniBandDevice? Ib { get; }
    public IbPort IbPort => Ib!.Ports[0];
    public IRdmaDevice Device { get; }
    public IProtectionDomain Domain { get; }
    public ICompletionQueue Queue { get; }
    public byte[] Memory { get; }
    public IMemoryRegion Region { get; }
    public IQueuePair Pair { get; private set; } = null!;
    public Gid Address => Device.QueryGid(1, Link.Type == LinkType.InfiniBand ? 0 : 1);

    public Sge Sge(int offset, int length) => new(Region.Address + (ulong)offset, (uint)length, Region.LKey);

    public AddressVector PathTo(VerbsHost peer, bool isGlobal = false, byte serviceLevel = 0) =>
        new(Address, peer.Address, SourceGidIndex: Link.Type == LinkType.InfiniBand ? 0 : 1, DestinationLid: new(peer.Number), ServiceLevel: serviceLevel, IsGlobal: isGlobal || Link.Type == LinkType.Ethernet);

    public void Create(QpType type) => Pair = Domain.CreateQueuePair(new(type, Queue, Queue, MaxSendWr: 64, MaxReceiveWr: 64));

    public void Connect(VerbsHost peer, bool isGlobal = false, ushort pkeyIndex = 0, byte retries = 7, byte serviceLevel = 0)
    {
        var isDatagram = Pair.Type == QpType.UnreliableDatagram;
        var isReliable = Pair.Type == QpType.ReliableConnected;
        Check(Pair.Modify(new() { State = QpState.Init, Port = 1, PKeyIndex = pkeyIndex, QKey = new(0x1234), Access = All & ~AccessFlags.LocalWrite },
            QpAttributeMask.State | QpAttributeMask.Port | QpAttributeMask.PKeyIndex | (isDatagram ? QpAttributeMask.QKey : QpAttributeMask.Access)));
        var mask = QpAttributeMask.State;
        if (!isDatagram) mask |= QpAttributeMask.AddressVector | QpAttributeMask.PathMtu | QpAttributeMask.DestinationQpn | QpAttributeMask.RqPsn;
        if (isReliable) mask |= QpAttributeMask.MaxDestRdAtomic | QpAttributeMask.MinRnrTimer;
        Check(Pair.Modify(new()
        {
            State = QpState.ReadyToReceive, AddressVector = PathTo(peer, isGlobal, serviceLevel), PathMtu = PathMtu.Mtu1024, DestinationQpn = peer.Pair.Number, RqPsn = new(5),
            MaxDestRdAtomic = 4, MinRnrTimer = 12,
        }, mask));
        mask = QpAttributeMask.State | QpAttributeMask.SqPsn;
        if (isReliable) mask |= QpAttributeMask.Timeout | QpAttributeMask.RetryCount | QpAttributeMask.RnrRetry | QpAttributeMask.MaxRdAtomic;
        Check(Pair.Modify(new() { State = QpState.ReadyToSend, SqPsn = new(5), Timeout = 14, RetryCount = retries, RnrRetry = 7, MaxRdAtomic = 4 }, mask));
    }

    public void Post(WorkOpcode opcode, int length, VerbsHost? peer = null, uint immediate = 0) =>
        Check(Pair.PostSend(new()
        {
            Opcode = opcode, Flags = SendFlags.Signaled, Immediate = immediate,
            RemoteAddress = peer is null ? 0 : peer.Region.Address + 0x8_0000, Key = peer?.Region.RKey ?? default, CompareOrAdd = 3,
        }, [Sge(0, length)]));

    public void Receive(int length, int offset = 0x4_0000) => Check(Pair.PostReceive(7, [Sge(offset, length)]));

    public List<WorkCompletion> Poll()
    {
        var all = new List<WorkCompletion>();
        for (int n; (n = Queue.Poll(polled)) > 0;) all.AddRange(polled[..n]);
        return all;
    }

    public void Dispose()
    {
        Pair?.Destroy();
        Check(Region.Deregister());
        Check(Queue.Destroy());
        Check(Domain.Deallocate());
    }

    private static void Check(VerbsError? error) => Assert.Null(error);
}
