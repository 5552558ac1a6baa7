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
    private readonly BenchSide sender, receiver;
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
        (sender, receiver) = (Side(link.A, 1, length), Side(link.B, 2, length));
        sender.Connect(receiver, mtu);
        receiver.Connect(sender, mtu);
        request = new() { Opcode = opcode, Flags = SendFlags.Signaled, RemoteAddress = receiver.Region.Address, Key = receiver.Region.RKey };
        (from, to) = ([sender.Whole], [receiver.Whole]);
        if (opcode == WorkOpcode.Send)
            for (var i = 0; i < Depth; i++) BenchSide.Check(receiver.Pair.PostReceive(0, to));
    }

    private BenchSide Side(LinkPort port, uint number, int length) => new(port.Node, port, port.SuggestedMac, number, length, Depth, this);

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
                if (queue == receiver.Queue) BenchSide.Check(receiver.Pair.PostReceive(0, to));
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
        BenchSide.Check(sender.Pair.PostSend(request, from));
    }
}
