using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Subnets;

/// <summary>
/// RDMA writes from one host of a served subnet to another, as ib_write_bw sends them: over a reliable connection that both ends set up by
/// themselves, with the LIDs that the manager has given out and the key at index 0 of either port's table. A connection that breaks is made
/// anew, a second later.
/// </summary>
internal sealed class TrafficFlow
{
    private const int Depth = 16;
    private const byte Timeout = 14, Retries = 2; // 67 ms, twice: whoever is cut off is known soon
    private const AccessFlags Remote = AccessFlags.RemoteWrite;
    private static readonly Duration Pause = Duration.FromSeconds(1);
    private readonly IbAdapterNode from, to;
    private readonly TrafficOptions options;
    private readonly WorkCompletion[] polled = new WorkCompletion[Depth];
    private readonly End source, sink;
    private bool isConnected;
    private int underWay;
    private Instant nextTry, nextMessage;

    /// <summary>What a flow has at one of its hosts, from its first connection to the end.</summary>
    private sealed class End
    {
        public End(IbAdapterNode adapter, int size)
        {
            Device = adapter.Device.Verbs;
            Domain = Device.AllocateProtectionDomain();
            Queue = Device.CreateCompletionQueue(2 * Depth, null);
            Region = Domain.Register(new byte[size], AccessFlags.LocalWrite | Remote);
        }

        public IRdmaDevice Device { get; }
        public IProtectionDomain Domain { get; }
        public ICompletionQueue Queue { get; }
        public IMemoryRegion Region { get; }
        public IQueuePair? Pair { get; set; }
    }

    /// <param name="from">A host whose adapter is started.</param>
    public TrafficFlow(IbAdapterNode from, IbAdapterNode to, TrafficOptions options)
    {
        (this.from, this.to, this.options) = (from, to, options);
        (source, sink) = (new(from, options.Size), new(to, options.Size));
    }

    /// <summary>Messages that have arrived and been acknowledged.</summary>
    public long Messages { get; private set; }
    /// <summary>Connections that broke.</summary>
    public long Breaks { get; private set; }
    /// <summary>Why the last connection broke, or why there is none yet.</summary>
    public string Trouble { get; private set; } = "";

    /// <summary>Does what is due at a time of the world.</summary>
    public void Tick(Instant now)
    {
        if (!isConnected)
        {
            if (now < nextTry) return;
            nextTry = now + Pause;
            nextMessage = now;
            if (!TryConnect()) return;
        }
        Collect();
        for (; isConnected && nextMessage <= now && underWay < Depth; nextMessage += options.Interval) Post();
        if (nextMessage < now) nextMessage = now; // what could not be sent in time is not made up for
    }

    private bool TryConnect()
    {
        if ((NotReady(from.Model[1]) ?? NotReady(to.Model[1])) is { } why)
        {
            Trouble = why;
            return false;
        }
        source.Pair = Create(source);
        sink.Pair = Create(sink);
        Connect(source, sink, to.Model[1]);
        Connect(sink, source, from.Model[1]);
        return isConnected = true;
    }

    private static string? NotReady(SubnetPort port) => port.State == Protocol.Mad.Smp.PortState.Active && port.Lid != Lid.None ? null : $"{port} is {port.State}";

    private static IQueuePair Create(End end) => end.Domain.CreateQueuePair(new(QpType.ReliableConnected, end.Queue, end.Queue, MaxSendWr: Depth, MaxReceiveWr: 1));

    private static void Connect(End own, End peer, SubnetPort there)
    {
        var path = new AddressVector(own.Device.QueryGid(1, 0), peer.Device.QueryGid(1, 0), DestinationLid: there.Lid, IsGlobal: false);
        Check(own.Pair!.Modify(new() { State = QpState.Init, Port = 1, Access = Remote },
            QpAttributeMask.State | QpAttributeMask.Port | QpAttributeMask.PKeyIndex | QpAttributeMask.Access));
        Check(own.Pair.Modify(
            new() { State = QpState.ReadyToReceive, AddressVector = path, PathMtu = PathMtu.Mtu2048, DestinationQpn = peer.Pair!.Number, RqPsn = default, MaxDestRdAtomic = 1, MinRnrTimer = 12 },
            QpAttributeMask.State | QpAttributeMask.AddressVector | QpAttributeMask.PathMtu | QpAttributeMask.DestinationQpn | QpAttributeMask.RqPsn
                | QpAttributeMask.MaxDestRdAtomic | QpAttributeMask.MinRnrTimer));
        Check(own.Pair.Modify(
            new() { State = QpState.ReadyToSend, SqPsn = default, Timeout = Timeout, RetryCount = Retries, RnrRetry = 7, MaxRdAtomic = 1 },
            QpAttributeMask.State | QpAttributeMask.SqPsn | QpAttributeMask.Timeout | QpAttributeMask.RetryCount | QpAttributeMask.RnrRetry | QpAttributeMask.MaxRdAtomic));
    }

    private void Post()
    {
        Check(source.Pair!.PostSend(
            new() { Opcode = WorkOpcode.RdmaWrite, Flags = SendFlags.Signaled, RemoteAddress = sink.Region.Address, Key = sink.Region.RKey },
            [new(source.Region.Address, (uint)source.Region.Length, source.Region.LKey)]));
        underWay++;
    }

    private void Collect()
    {
        for (int count; (count = source.Queue.Poll(polled)) > 0;)
        {
            underWay -= count;
            foreach (ref readonly var completion in polled.AsSpan(0, count))
            {
                if (completion.Status == CompletionStatus.Success) Messages++;
                else if (isConnected) Break($"{completion.Status}");
            }
        }
    }

    private void Break(string why)
    {
        (isConnected, Trouble) = (false, why);
        Breaks++;
        foreach (var end in (End[])[source, sink])
        {
            end.Pair!.Destroy();
            end.Pair = null;
        }
        underWay = 0;
        while (source.Queue.Poll(polled) > 0)
        {
        }
    }

    // A refusal is a mistake of ours.
    private static void Check(VerbsError? error)
    {
        if (error is not null) throw new InvalidOperationException(error.ToString());
    }

    public override string ToString() =>
        $"{from.Model.Id} -> {to.Model.Id}: {Messages} messages of {options.Size} bytes, {(isConnected ? "connected" : Trouble)}, {Breaks} breaks{(isConnected && Breaks > 0 ? $", the last: {Trouble}" : "")}";
}
