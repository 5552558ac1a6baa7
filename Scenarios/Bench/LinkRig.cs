#pragma warning disable RS0030 // each end has a thread of its own, as two hosts would have
using System.Threading;
using Weft.Fabric.Hw;
using Weft.Fabric.Hw.Linux;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Bench;

/// <summary>Two RoCE devices on two real links, one connected queue pair each; one side keeps a number of RDMA WRITEs under way.</summary>
internal sealed class LinkRig : ICompletionHandler
{
    public const int Depth = 16;
    private const byte Timeout = 18; // 1 s: on a busy machine the other thread may have to wait for its turn
    private readonly HwExecutor near = new("near"), far = new("far");
    private readonly BenchSide sender, receiver;
    private readonly WorkCompletion[] polled = new WorkCompletion[Depth];
    private readonly SendRequest request;
    private readonly Sge[] from;
    private Stretch? stretch;
    private int underWay;
    private long farBytes;
    private volatile bool isMeasured;

    /// <param name="length">Bytes of a message.</param>
    public LinkRig(VethPair links, int length, PathMtu mtu)
    {
        near.Add(links.A);
        far.Add(links.B);
        // Addresses of our own, as every live command has them: with the interface's, the kernel's IP would look at each frame too.
        sender = new(near, links.A, new(0x0277_0A00_0001), 1, length, Depth, this);
        receiver = new(far, links.B, new(0x0277_0A00_0002), 2, length, Depth, this);
        sender.Connect(receiver, mtu, Timeout);
        receiver.Connect(sender, mtu, Timeout);
        from = [sender.Whole];
        request = new() { Opcode = WorkOpcode.RdmaWrite, Flags = SendFlags.Signaled, RemoteAddress = receiver.Region.Address, Key = receiver.Region.RKey };
    }

    /// <summary>Bytes that both threads allocated during the stretch.</summary>
    public long AllocatedBytes => stretch!.AllocatedBytes + farBytes;

    /// <summary>Sends messages until the stretch is over, from the calling thread.</summary>
    public void Run(Stretch until)
    {
        stretch = until;
        var other = new Thread(Answer);
        other.Start();
        try
        {
            sender.Queue.Arm();
            while (underWay < Depth) Post();
            near.Run(() => underWay == 0);
        }
        finally
        {
            far.Stop();
            other.Join();
        }
    }

    /// <summary>The other end: it answers, and counts what it allocates while the sender measures.</summary>
    private void Answer()
    {
        var before = -1L;
        far.Run(() =>
        {
            if (isMeasured && before < 0) before = GC.GetAllocatedBytesForCurrentThread();
            else if (!isMeasured && before >= 0) (farBytes, before) = (GC.GetAllocatedBytesForCurrentThread() - before, -1);
            return false;
        });
        if (before >= 0) farBytes = GC.GetAllocatedBytesForCurrentThread() - before;
    }

    void ICompletionHandler.OnCompletions(ICompletionQueue queue)
    {
        int count;
        while ((count = queue.Poll(polled)) > 0)
        {
            for (var i = 0; i < count; i++)
            {
                if (polled[i].Status != CompletionStatus.Success) throw new InvalidOperationException($"{polled[i].Status}");
                underWay--;
                var goesOn = stretch!.Done();
                isMeasured = stretch.IsRunning && goesOn;
                if (goesOn) Post();
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
