using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;
using Weft.Protocol.Tools;

namespace Weft.Scenarios.Tools.Perf;

/// <summary>The queue pairs of a perftest run, their memory and completion queue.</summary>
internal sealed class PerfResources : IDisposable
{
    public static readonly QKey DatagramKey = new(0x1111_1111);
    private const AccessFlags Remote = AccessFlags.RemoteWrite | AccessFlags.RemoteRead | AccessFlags.RemoteAtomic;
    private const byte HopLimit = 255;
    private const int Tries = 10;
    private static readonly Duration Pause = Duration.FromMilliseconds(100);

    private readonly CmConnection[] connections;
    private readonly LoopPause pause;
    private readonly IProtectionDomain pd;

    /// <exception cref="VerbsException">The device refuses a resource.</exception>
    public PerfResources(IRdmaDevice device, PerfOptions options)
    {
        (Device, Options, pause) = (device, options, new(device.Executor));
        pd = device.AllocateProtectionDomain();
        Cq = device.CreateCompletionQueue(options.QueuePairs * (options.TransmitDepth + options.ReceiveDepth + 1), null);
        Memory = GC.AllocateArray<byte>(2 * options.QueuePairs * options.BufferSize, pinned: true);
        Region = pd.Register(Memory, AccessFlags.LocalWrite | Remote);
        Pairs = new IQueuePair[options.QueuePairs];
        Handles = new IAddressHandle?[options.QueuePairs];
        Own = new PerftestKeys[options.QueuePairs];
        Peers = new PerftestKeys[options.QueuePairs];
        connections = new CmConnection[options.UseCm ? options.QueuePairs : 0];
    }

    public IRdmaDevice Device { get; }
    public PerfOptions Options { get; }
    public byte[] Memory { get; }
    public IMemoryRegion Region { get; }
    public IQueuePair[] Pairs { get; }
    /// <summary>The peers of datagram queue pairs.</summary>
    public IAddressHandle?[] Handles { get; }
    /// <summary>What each side tells the other of its queue pairs.</summary>
    public PerftestKeys[] Own { get; }
    public PerftestKeys[] Peers { get; }
    /// <summary>One for all queue pairs and both directions; nobody is notified until <see cref="Watch"/>.</summary>
    public ICompletionQueue Cq { get; private set; }

    /// <summary>Where in <see cref="Memory"/> a queue pair sends from, and where it receives.</summary>
    public int SendOffset(int index) => index * Options.BufferSize;
    public int ReceiveOffset(int index) => (Options.QueuePairs + index) * Options.BufferSize;

    /// <summary>Lets a load have the notifications of the completion queue; before the queue pairs are made.</summary>
    public void Watch(ICompletionHandler handler)
    {
        var capacity = Cq.Capacity;
        Cq.Destroy();
        Cq = Device.CreateCompletionQueue(capacity, handler);
    }

    private QpInit Init(int index) => new(Options.Transport, Cq, Cq, MaxSendWr: Options.TransmitDepth + 1,
        MaxReceiveWr: Math.Max(1, Options.Receives ? Options.ReceiveDepth : 1), MaxSendSge: 1, MaxReceiveSge: 1, Context: index);

    /// <summary>Makes queue pairs that are connected by <see cref="Connect"/>.</summary>
    public void Create()
    {
        for (var i = 0; i < Pairs.Length; i++)
        {
            Pairs[i] = pd.CreateQueuePair(Init(i));
            QueuePairSetup.Initialize(Pairs[i], Options.Transport == QpType.ReliableConnected ? Remote : AccessFlags.RemoteWrite, DatagramKey);
        }
    }

    /// <summary>Makes and connects queue pairs through the CM.</summary>
    /// <exception cref="IOException">The peer cannot be reached, or refuses.</exception>
    public async Task ConnectByCmAsync(IpEndpoint server)
    {
        for (var i = 0; i < Pairs.Length; i++)
        {
            for (var left = Tries; !await TryConnectAsync(i, server, isLast: left == 1); left--) await pause.WaitAsync(Pause);
        }
    }

    // perftest's server listens only after the handshake that says so: an early request is refused.
    private async Task<bool> TryConnectAsync(int index, IpEndpoint server, bool isLast)
    {
        var connection = connections[index] = new(Device, PortSpace.Tcp);
        await connection.ResolveAsync(server);
        Take(index);
        try
        {
            await connection.ConnectAsync(Parameters());
            return true;
        }
        catch (IOException) when (connection.IsRefused && !isLast)
        {
            connection.Close();
            return false;
        }
    }

    /// <summary>Takes connections for every queue pair.</summary>
    /// <exception cref="IOException">The client gives up.</exception>
    public async Task AcceptByCmAsync(CmListener listener)
    {
        for (var i = 0; i < Pairs.Length; i++)
        {
            connections[i] = await listener.NextAsync();
            Take(i);
            await connections[i].AcceptAsync(Parameters());
        }
    }

    private void Take(int index)
    {
        QueuePairSetup.Check(connections[index].Id.CreateQueuePair(pd, Init(index)));
        Pairs[index] = connections[index].Id.QueuePair!;
    }

    private ConnectionParameters Parameters()
    {
        var reads = (byte)(Options.HasReads ? Options.OutstandingReads : 0);
        return new ConnectionParameters { ResponderResources = reads, InitiatorDepth = reads };
    }

    /// <summary>Fills in what we tell.</summary>
    public void Describe()
    {
        for (var i = 0; i < Own.Length; i++)
        {
            var psn = new Psn((uint)Device.Executor.Chooser.Draw(24, new(ChoiceKind.Value, "perf PSN")));
            Own[i] = new(Lid.None, (uint)(Options.HasReads ? Options.OutstandingReads : 1), Pairs[i].Number, psn, Region.RKey,
                Region.Address + (uint)ReceiveOffset(i), Device.QueryGid(1, Options.GidIndex));
        }
    }

    /// <summary>Connects every queue pair to what the peer told.</summary>
    /// <exception cref="IOException">The peer's GID cannot be used.</exception>
    public void Connect(PathMtu mtu)
    {
        for (var i = 0; i < Pairs.Length; i++)
        {
            var path = LocalGid.PathTo(Device, Options.GidIndex, Peers[i].Gid, HopLimit, Options.TrafficClass);
            QueuePairSetup.Connect(Pairs[i], new PeerPath(path, mtu, Peers[i].Qpn, Peers[i].Psn, Own[i].Psn,
                (byte)Math.Min(Peers[i].OutstandingReads, (uint)Device.Attributes.MaxQpInitRdAtomic), (byte)Own[i].OutstandingReads, Options.Timeout));
            if (Options.IsDatagram) Handles[i] = pd.CreateAddressHandle(path);
        }
    }

    /// <summary>The end of an orderly run: connections of the CM are disconnected by the client.</summary>
    public async Task DisconnectAsync()
    {
        foreach (var connection in connections)
        {
            if (Options.IsClient) await connection.DisconnectAsync();
            else await connection.PeerGoneAsync();
        }
    }

    public void Dispose()
    {
        foreach (var connection in connections) connection?.Close();
        if (connections.Length == 0) foreach (var pair in Pairs) pair?.Destroy();
        foreach (var handle in Handles) handle?.Destroy();
        Cq.Destroy();
        Region.Deregister();
        pd.Deallocate();
    }
}
