using Weft.Fabric.Connections;
using Weft.Fabric.Engine.Memory;
using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Engine.Queues;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Engine;

/// <summary>
/// The software HCA: the verbs above, packet ports below, RC, UC and UD transport in between. The same lines run on simulated and
/// on real links. IBA Vol 1 §9 to §11.
/// </summary>
public sealed class Hca : IRdmaDevice, IPacketSink
{
    private readonly IPacketPort[] ports;
    private readonly GsiPort[] gsi;
    private readonly QpTable table = new();
    private readonly Stack<QpTimer> timers = new();
    private int completionQueues, completionQueuesMade, timersMade;

    /// <param name="connectionManager">Makes the connection manager, when everything else stands.</param>
    internal Hca(
        IExecutor executor, DeviceAttributes attributes, IReadOnlyList<IPacketPort> ports, Func<Hca, IConnectionManager> connectionManager, EngineLimits? limits = null)
    {
        (Executor, Attributes, Limits) = (executor, attributes, limits ?? new());
        Memory = new(attributes.MaxMr);
        Addresses = new(attributes.NodeGuid);
        Events = new(executor.CreateLane($"{attributes.Name} async", ChoiceKind.Dispatch));
        SendFlushLane = executor.CreateLane($"{attributes.Name} send flush", ChoiceKind.Dispatch);
        ReceiveFlushLane = executor.CreateLane($"{attributes.Name} receive flush", ChoiceKind.Dispatch);
        TransportLane = executor.CreateLane($"{attributes.Name} transport", ChoiceKind.Delivery);
        this.ports = [.. ports];
        gsi = [.. ports.Select(p => new GsiPort(p, Counters))];
        foreach (var port in ports) port.Attach(this);
        ConnectionManager = connectionManager(this);
    }

    public DeviceAttributes Attributes { get; }
    public IExecutor Executor { get; }
    public IConnectionManager ConnectionManager { get; }
    public int PortCount => ports.Length;

    internal EngineLimits Limits { get; }
    internal EngineCounters Counters { get; } = new();
    internal MemoryTable Memory { get; }
    internal AddressSpace Addresses { get; }
    internal MulticastTable Multicast { get; } = new();
    internal AsyncEventQueue Events { get; }
    /// <summary>Flushing takes its turn like other work; between the two queues of a QP the order is open.</summary>
    internal ILane SendFlushLane { get; }
    internal ILane ReceiveFlushLane { get; }
    /// <summary>Long answers and shared acknowledgements.</summary>
    internal ILane TransportLane { get; }
    internal IQpnAllocator Qpns => table;

    // Objects that protection domains made.
    internal int ProtectionDomains, MemoryRegions, MemoryWindows, SharedReceiveQueues, AddressHandles;

    public ResourceCounts Resources =>
        new(ProtectionDomains, MemoryRegions, MemoryWindows, completionQueues, table.Count, SharedReceiveQueues, AddressHandles, ConnectionManager.IdCount);

    public PortAttributes QueryPort(byte portNumber)
    {
        var port = PortAt(portNumber);
        return new(port.State, port.LinkType, port.MaxMtu, port.ActiveMtu, port.GidTableLength, port.PKeyTableLength, port.Lid, port.SmLid);
    }

    public Gid QueryGid(byte portNumber, int index) => PortAt(portNumber).GidAt(index);
    public PKey QueryPKey(byte portNumber, int index) => PortAt(portNumber).PKeyAt(index);

    public IProtectionDomain AllocateProtectionDomain()
    {
        ProtectionDomains++;
        return new ProtectionDomain(this);
    }

    public ICompletionQueue CreateCompletionQueue(int capacity, ICompletionHandler? handler)
    {
        if (capacity < 1 || capacity > Attributes.MaxCqe) throw new VerbsException(new(VerbsErrorCode.InvalidAttribute, $"capacity {capacity}, 1..{Attributes.MaxCqe} allowed"));
        if (completionQueues == Attributes.MaxCq) throw new VerbsException(new(VerbsErrorCode.OutOfResources, $"{Attributes.MaxCq} completion queues exist"));
        completionQueues++;
        return new CompletionQueue(this, capacity, handler, ++completionQueuesMade);
    }

    public void AddAsyncEventHandler(IAsyncEventHandler handler) => Events.Add(handler);
    public void RemoveAsyncEventHandler(IAsyncEventHandler handler) => Events.Remove(handler);

    internal IPacketPort PortAt(byte number) => ports[number - 1];

    /// <summary>QP1 of a port.</summary>
    internal IMadPort MadPort(byte number) => gsi[number - 1];

    /// <summary>A live QP, or <c>null</c>.</summary>
    internal QueuePair? FindQueuePair(Qpn number) => table.Find(number.Value);

    internal QueuePair Create(ProtectionDomain domain, QpInit init)
    {
        if (table.Count == Attributes.MaxQp) throw new VerbsException(new(VerbsErrorCode.OutOfResources, $"{Attributes.MaxQp} QPs exist"));
        var number = table.Free((uint)Executor.Chooser.Draw(24, new(ChoiceKind.Value, Attributes.Name)));
        var qp = new QueuePair(this, domain, init, number);
        table.Add(qp);
        return qp;
    }

    internal void Remove(QueuePair qp) => table.Remove(qp);
    internal void Remove(CompletionQueue cq) => completionQueues--;

    internal QpTimer RentTimer(QueuePair owner)
    {
        if (!timers.TryPop(out var timer)) timer = new(Executor, $"{Attributes.Name} retry {++timersMade}");
        timer.Owner = owner;
        return timer;
    }

    internal void Return(QpTimer timer)
    {
        timer.Cancel();
        timer.Owner = null;
        timers.Push(timer);
    }

    void IPacketSink.OnPacket(IPacketPort port, Frame frame, in PacketSource source)
    {
        Counters.PacketsReceived++;
        var fault = TransportPacket.TryParse(frame.Transport, out var packet);
        if (fault is not (PacketFault.None or PacketFault.Alignment or PacketFault.Pad or PacketFault.UnexpectedPayload))
        {
            OnUnreadable(port, frame, fault, source);
            return;
        }
        var destination = packet.DestQp.Value;
        if (table.Find(destination) is { } qp) qp.Receive(port, frame, packet, fault, source);
        else if (destination == Qpn.Gsi.Value && fault == PacketFault.None) gsi[port.Number - 1].Receive(packet, source);
        else if (destination == Qpn.Multicast.Value) OnMulticast(port, frame, packet, fault, source);
        else Counters.DroppedByQp++;
    }

    void IPacketSink.OnPortState(IPacketPort port, bool isActive) =>
        Events.Raise(new(isActive ? AsyncEventType.PortActive : AsyncEventType.PortError, PortNumber: port.Number));

    void IPacketSink.OnPortEvent(IPacketPort port, AsyncEventType type) => Events.Raise(new(type, PortNumber: port.Number));

    private void OnUnreadable(IPacketPort port, Frame frame, PacketFault fault, in PacketSource source)
    {
        Counters.DroppedByHeader++;
        if (fault == PacketFault.Opcode && Bth.TryRead(frame.Transport, out var bth)) table.Find(bth.DestQp.Value)?.ReceiveUnknown(port, bth, source);
    }

    /// <summary>Every attached QP of the port gets the datagram. IBA Vol 1 §10.5.2.</summary>
    private void OnMulticast(IPacketPort port, Frame frame, in TransportPacket packet, PacketFault fault, in PacketSource source)
    {
        var taken = false;
        for (var i = 0; i < Multicast.Count; i++)
        {
            var (group, qp) = Multicast[i];
            if (group != source.DestinationGid) continue;
            // A copy that came back to its own port is not for the QP that sent it. IBA Vol 1 §10.5.2.1
            if (packet.Info.HasDeth && qp.Number == packet.Deth.SourceQp && port.IndexOf(source.SourceGid) >= 0) continue;
            qp.Receive(port, frame, packet, fault, source);
            taken = true;
        }
        if (!taken) Counters.DroppedByQp++;
    }
}
