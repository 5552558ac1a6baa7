using Weft.Fabric.Engine;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Bench;

/// <summary>
/// Two RoCE devices back to back on a link without latency, one connected queue pair each; one side keeps a number of requests under way.
/// </summary>
internal sealed class PacketRig : ICompletionHandler
{
    private const int Depth = 32;
    private readonly World world;
    private readonly Side sender, receiver;
    private readonly WorkCompletion[] polled = new WorkCompletion[Depth];
    private readonly SendRequest request;
    private readonly Sge[] from, to;
    private Stretch? stretch;
    private int underWay;

    /// <param name="opcode">Send or RdmaWrite.</param>
    /// <param name="mtu">Path MTU.</param>
    public PacketRig(WorkOpcode opcode, int length, PathMtu mtu)
    {
        world = new(new() { EventLimit = long.MaxValue });
        var link = world.Connect(world.AddHost("a"), world.AddHost("b"), new() { BitsPerSecond = 0, Latency = Duration.Zero, Mtu = mtu.Bytes() + 104 });
        (sender, receiver) = (new(link.A, 1, length, this), new(link.B, 2, length, this));
        sender.Connect(receiver, mtu);
        receiver.Connect(sender, mtu);
        request = new() { Opcode = opcode, Flags = SendFlags.Signaled, RemoteAddress = receiver.Region.Address, Key = receiver.Region.RKey };
        (from, to) = ([sender.Whole], [receiver.Whole]);
        if (opcode == WorkOpcode.Send)
            for (var i = 0; i < Depth; i++) Check(receiver.Pair.PostReceive(0, to));
    }

    /// <summary>Frames that arrived, acknowledgements included.</summary>
    public long Packets => world.Statistics.FramesDelivered;

    /// <summary>Sends messages until the stretch is over.</summary>
    public void Run(Stretch until)
    {
        stretch = until;
        sender.Queue.Arm();
        receiver.Queue.Arm();
        while (underWay < Depth) Post();
        var result = world.RunUntilIdle();
        if (!result.HasPassed || underWay > 0 || !until.IsOver) throw new InvalidOperationException($"{underWay} messages are left: {result}");
    }

    void ICompletionHandler.OnCompletions(ICompletionQueue queue)
    {
        int count;
        while ((count = queue.Poll(polled)) > 0)
        {
            for (var i = 0; i < count; i++)
            {
                if (polled[i].Status != CompletionStatus.Success) throw new InvalidOperationException($"{polled[i].Status}");
                if (queue == receiver.Queue) Check(receiver.Pair.PostReceive(0, to));
                else
                {
                    underWay--;
                    if (stretch!.Done()) Post();
                }
            }
        }
        queue.Arm();
    }

    private void Post()
    {
        underWay++;
        Check(sender.Pair.PostSend(request, from));
    }

    private static void Check(VerbsError? error)
    {
        if (error is not null) throw new InvalidOperationException(error.ToString());
    }

    /// <summary>One device and what was made of it.</summary>
    private sealed class Side
    {
        private readonly Gid address;

        public Side(LinkPort port, uint number, int length, ICompletionHandler handler)
        {
            address = Gid.FromIPv4(0x0A00_0000 | number);
            var device = RoceDevice.Create(port.Node, new() { Name = port.Node.Name, Ports = [new() { Mac = port.SuggestedMac, Addresses = [address] }] }, port);
            var domain = device.AllocateProtectionDomain();
            Region = domain.Register(new byte[length], AccessFlags.LocalWrite | AccessFlags.RemoteWrite | AccessFlags.RemoteRead);
            Queue = device.CreateCompletionQueue(2 * Depth, handler);
            Pair = domain.CreateQueuePair(new(QpType.ReliableConnected, Queue, Queue, MaxSendWr: Depth, MaxReceiveWr: Depth));
        }

        public IMemoryRegion Region { get; }
        public ICompletionQueue Queue { get; }
        public IQueuePair Pair { get; }
        public Sge Whole => new(Region.Address, (uint)Region.Length, Region.LKey);

        public void Connect(Side peer, PathMtu mtu)
        {
            Check(Pair.Modify(new() { State = QpState.Init, Port = 1, Access = AccessFlags.RemoteWrite | AccessFlags.RemoteRead },
                QpAttributeMask.State | QpAttributeMask.Port | QpAttributeMask.PKeyIndex | QpAttributeMask.Access));
            Check(Pair.Modify(
                new()
                {
                    State = QpState.ReadyToReceive, AddressVector = new(address, peer.address), PathMtu = mtu, DestinationQpn = peer.Pair.Number, RqPsn = default,
                    MaxDestRdAtomic = 4, MinRnrTimer = 12,
                },
                QpAttributeMask.State | QpAttributeMask.AddressVector | QpAttributeMask.PathMtu | QpAttributeMask.DestinationQpn | QpAttributeMask.RqPsn
                    | QpAttributeMask.MaxDestRdAtomic | QpAttributeMask.MinRnrTimer));
            Check(Pair.Modify(
                new() { State = QpState.ReadyToSend, SqPsn = default, Timeout = 14, RetryCount = 7, RnrRetry = 7, MaxRdAtomic = 4 },
                QpAttributeMask.State | QpAttributeMask.SqPsn | QpAttributeMask.Timeout | QpAttributeMask.RetryCount | QpAttributeMask.RnrRetry
                    | QpAttributeMask.MaxRdAtomic));
        }
    }
}
