using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Tests.Engine.Rig;

/// <summary>One end of the rig: a device, a domain, two queues of completions, some memory and a QP.</summary>
internal sealed class Side : IAsyncEventHandler, ICompletionHandler
{
    private static readonly byte[] Pattern = [.. Enumerable.Range(0, (1 << 20) + 65536).Select(i => (byte)(i * 7 + (i >> 8)))];
    private readonly WorkCompletion[] polled = new WorkCompletion[16];

    public Side(TestExecutor executor, TestWire wire, string name, uint address, PathMtu mtu, EngineLimits limits, int memorySize)
    {
        Name = name;
        Port = new(wire, Gid.FromIPv4(address), mtu);
        wire.Add(name, Port);
        Hca = new(executor, new() { Name = name, NodeGuid = new(address) }, [Port], _ => new NoConnections(), limits);
        Hca.AddAsyncEventHandler(this);
        Domain = Hca.AllocateProtectionDomain();
        SendCq = Hca.CreateCompletionQueue(4096, null);
        ReceiveCq = Hca.CreateCompletionQueue(4096, null);
        Memory = Pattern.AsSpan((int)(address & 0xFF) * 64, memorySize).ToArray();
        Region = Domain.Register(Memory, AccessFlags.LocalWrite | AccessFlags.RemoteRead | AccessFlags.RemoteWrite | AccessFlags.RemoteAtomic | AccessFlags.MemoryWindowBind);
    }

    public string Name { get; }
    public TestPort Port { get; }
    public Hca Hca { get; }
    public IProtectionDomain Domain { get; }
    public ICompletionQueue SendCq { get; }
    public ICompletionQueue ReceiveCq { get; }
    public byte[] Memory { get; }
    public IMemoryRegion Region { get; }
    public IQueuePair Qp { get; set; } = null!;
    public QueuePair Pair => (QueuePair)Qp;
    public List<AsyncEvent> Events { get; } = [];
    public List<ICompletionQueue> Notified { get; } = [];

    public void OnAsyncEvent(in AsyncEvent asyncEvent) => Events.Add(asyncEvent);
    public void OnCompletions(ICompletionQueue cq) => Notified.Add(cq);

    public Sge Sge(int offset, int length) => new(Region.Address + (ulong)offset, (uint)length, Region.LKey);
    public Span<byte> Bytes(int offset, int length) => Memory.AsSpan(offset, length);

    public void Post(WorkOpcode opcode, ulong id, int offset, int length, Side? peer = null, int remoteOffset = 0, SendFlags flags = SendFlags.Signaled,
        uint immediate = 0, RKey? key = null)
    {
        var request = new SendRequest
        {
            Id = id, Opcode = opcode, Flags = flags, Immediate = immediate,
            RemoteAddress = peer is null ? 0 : peer.Region.Address + (ulong)remoteOffset, Key = key ?? peer?.Region.RKey ?? default,
        };
        Assert.Null(Qp.PostSend(request, length == 0 ? [] : [Sge(offset, length)]));
    }

    public void Atomic(ulong id, int offset, Side peer, int remoteOffset, ulong compareOrAdd, ulong? swap = null) =>
        Assert.Null(Qp.PostSend(new SendRequest
        {
            Id = id, Opcode = swap is null ? WorkOpcode.FetchAdd : WorkOpcode.CompareSwap, Flags = SendFlags.Signaled,
            RemoteAddress = peer.Region.Address + (ulong)remoteOffset, Key = peer.Region.RKey, CompareOrAdd = compareOrAdd, Swap = swap ?? 0,
        }, [Sge(offset, 8)]));

    public void Receive(ulong id, int offset, int length) => Assert.Null(Qp.PostReceive(id, [Sge(offset, length)]));

    public List<WorkCompletion> Sent() => Drain(SendCq);
    public List<WorkCompletion> Received() => Drain(ReceiveCq);

    public List<WorkCompletion> Drain(ICompletionQueue cq)
    {
        var all = new List<WorkCompletion>();
        for (int n; (n = cq.Poll(polled)) > 0;) all.AddRange(polled[..n]);
        return all;
    }

    private sealed class NoConnections : IConnectionManager
    {
        public int IdCount => 0;
        public ICmId CreateId(PortSpace space, ICmEventHandler handler, object? context = null) => throw new NotSupportedException();
    }
}
