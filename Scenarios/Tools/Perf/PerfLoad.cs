using Weft.Fabric.Execution;
using Weft.Fabric.Hw;
using Weft.Fabric.Verbs;
using Timer = Weft.Fabric.Execution.Timer;

namespace Weft.Scenarios.Tools.Perf;

/// <summary>One of perftest's loops: what is posted, what is waited for, and when it is over. Allocates nothing per message.</summary>
internal abstract class PerfLoad : ICompletionHandler
{
    /// <summary>Work request ids: the queue pair's number times 2, odd for receives.</summary>
    private const int ReceiveBit = 1;
    /// <summary>Without acknowledgements a message that is lost is waited for in vain. perftest gives up after one to two minutes of silence too.</summary>
    private static readonly Duration Patience = Duration.FromSeconds(60);

    private readonly WorkCompletion[] completions = new WorkCompletion[64];
    private readonly Completion<bool> finished;
    private readonly Spinner spinner;
    private readonly HwClock clock = new();
    private readonly Timer silence;
    private long handled, handledBefore;

    protected PerfLoad(PerfResources resources)
    {
        Resources = resources;
        finished = new(resources.Device.Executor.CreateLane("perf", ChoiceKind.Dispatch), "test");
        spinner = new(resources.Device.Executor, Poll);
        silence = resources.Device.Executor.CreateTimer("perf silence", LookForSilence);
        if (Options.Seconds > 0) Window = new PerfWindow(Options.Seconds);
        resources.Watch(this);
    }

    protected PerfResources Resources { get; }
    protected PerfOptions Options => Resources.Options;
    /// <summary>Bytes of a message of this run.</summary>
    public int Size { get; private set; }
    /// <summary>For runs by duration.</summary>
    public PerfWindow? Window { get; }
    /// <summary>The machine's clock, finer than the loop's: a message may end in the round in which it began.</summary>
    protected Instant Now => clock.Now;

    /// <summary>Runs to the end.</summary>
    /// <exception cref="IOException">A completion failed.</exception>
    public async Task RunAsync(int size)
    {
        Size = size;
        finished.Reset();
        if (Options.Transport != QpType.ReliableConnected && Window is null) LookForSilence(isFirst: true);
        Begin();
        if (Options.UseEvents) OnCompletions(Resources.Cq);
        else spinner.Start();
        await finished.Task;
    }

    /// <summary>Posts the receives of a run, before the peer is told that it may begin.</summary>
    public virtual void PostReceives()
    {
    }

    protected abstract void Begin();
    protected abstract void OnSent(int index);
    protected virtual void OnReceived(int index) => throw new InvalidOperationException("nothing was to be received");
    /// <summary>Looks whether there is more to do, after every poll.</summary>
    protected abstract void Advance();

    public void OnCompletions(ICompletionQueue queue)
    {
        if (finished.IsCompleted || !Options.UseEvents) return;
        queue.Arm();
        Poll(); // after arming: what came before it gives no notification
    }

    private void Poll()
    {
        int n;
        while (!finished.IsCompleted && (n = Resources.Cq.Poll(completions)) > 0)
            for (var i = 0; i < n; i++) Handle(completions[i]);
        if (!finished.IsCompleted) Advance();
    }

    private void LookForSilence() => LookForSilence(isFirst: false);

    private void LookForSilence(bool isFirst)
    {
        if (!isFirst && handled == handledBefore)
        {
            Fail($" Did not get Message for {Patience.TotalSeconds:f0} Seconds, exiting..\n {Options.Transport} does not send again what is lost on the way, or finds no receive");
            return;
        }
        handledBefore = handled;
        silence.Arm(Resources.Device.Executor.Now + Patience);
    }

    private void Handle(in WorkCompletion completion)
    {
        handled++;
        var index = (int)completion.Id >> 1;
        if (completion.Status != CompletionStatus.Success)
            Fail($" Completion with error at {(Options.IsClient ? "client" : "server")}\n Failed status {(int)completion.Status} ({completion.Status}): wr_id {index}");
        else if ((completion.Id & ReceiveBit) != 0) OnReceived(index);
        else OnSent(index);
    }

    protected void PostReceive(int index)
    {
        var error = Resources.Pairs[index].PostReceive((ulong)index << 1 | ReceiveBit,
            [new Sge(Resources.Region.Address + (uint)Resources.ReceiveOffset(index), (uint)Options.ReceiveLength, Resources.Region.LKey)]);
        if (error is not null) Fail(error.ToString());
    }

    /// <param name="offset">Into the memory of both sides.</param>
    protected void Post(int index, int offset, bool isSignaled)
    {
        var request = new SendRequest
        {
            Id = (ulong)index << 1,
            Flags = isSignaled ? SendFlags.Signaled : SendFlags.None,
            Opcode = Options.Verb switch
            {
                PerfVerb.Send => WorkOpcode.Send,
                PerfVerb.Write => WorkOpcode.RdmaWrite,
                PerfVerb.Read => WorkOpcode.RdmaRead,
                _ => Options.IsCompareSwap ? WorkOpcode.CompareSwap : WorkOpcode.FetchAdd,
            },
            RemoteAddress = Resources.Peers[index].Address + (uint)offset,
            Key = Resources.Peers[index].Key,
            CompareOrAdd = Options.IsCompareSwap ? 0UL : 1UL,
            Swap = 1,
            AddressHandle = Resources.Handles[index],
            RemoteQpn = Resources.Peers[index].Qpn,
            RemoteQKey = PerfResources.DatagramKey,
        };
        var error = Resources.Pairs[index].PostSend(request, [new Sge(Resources.Region.Address + (uint)(Resources.SendOffset(index) + offset), (uint)Size, Resources.Region.LKey)]);
        if (error is not null) Fail(error.ToString());
    }

    protected void Finish()
    {
        silence.Cancel();
        spinner.Stop();
        finished.TrySetResult(true);
    }

    public void Fail(string reason)
    {
        silence.Cancel();
        spinner.Stop();
        finished.TrySetException(new IOException(reason));
    }
}
