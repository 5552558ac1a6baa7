using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Protocol.Tools;

namespace Weft.Scenarios.Tools.Pingpong;

/// <summary>
/// One side of libibverbs' pingpong examples: every message that arrives is answered, once the answer before it is done, until so many were sent
/// and received. The server sends what it has received, so the client sees its own bytes again. Allocates nothing per message.
/// </summary>
internal sealed class PingpongEndpoint : ICompletionHandler
{
    private const int ReceiveWork = 1, SendWork = 2; // work request ids, and bits of what is pending
    private const int PageSize = 4096, HopLimit = 64;
    private static readonly QKey DatagramKey = new(0x1111_1111);

    private readonly IRdmaDevice device;
    private readonly PingpongOptions options;
    private readonly byte[] sendBuffer, receiveBuffer;
    private readonly byte filler;
    private readonly PingpongAddress[] own, peers;
    private readonly int[] pending;
    private readonly IQueuePair[] pairs;
    private readonly IAddressHandle?[] handles;
    private readonly WorkCompletion[] completions = new WorkCompletion[32];
    private readonly Completion<bool> finished;
    private readonly Spinner spinner;
    private readonly IProtectionDomain pd;
    private readonly ICompletionQueue cq;
    private readonly ISharedReceiveQueue? srq;
    private readonly IMemoryRegion sendRegion, receiveRegion;
    private int outstanding;
    private Instant begun;

    /// <param name="isClient">Sends first, from a buffer of its own.</param>
    /// <exception cref="VerbsException">The device refuses a resource.</exception>
    public PingpongEndpoint(IRdmaDevice device, PingpongOptions options, bool isClient)
    {
        (this.device, this.options, IsClient) = (device, options, isClient);
        finished = new(device.Executor.CreateLane("pingpong", ChoiceKind.Dispatch), "pingpong");
        spinner = new(device.Executor, Poll);
        pending = new int[options.QueuePairs];
        handles = new IAddressHandle?[options.QueuePairs];
        pd = device.AllocateProtectionDomain();
        cq = device.CreateCompletionQueue(options.ReceiveDepth + 2 * options.QueuePairs + 2, this);
        receiveBuffer = new byte[options.Headroom + options.Size];
        sendBuffer = isClient ? new byte[receiveBuffer.Length] : receiveBuffer;
        filler = (byte)(options.IsShared ? 0 : 0x7B); // as the examples fill theirs
        Array.Fill(sendBuffer, filler);
        if (isClient && options.Validate) for (var i = options.Headroom; i < sendBuffer.Length; i += PageSize) sendBuffer[i] = 0;
        receiveRegion = pd.Register(receiveBuffer, AccessFlags.LocalWrite);
        sendRegion = isClient ? pd.Register(sendBuffer, AccessFlags.None) : receiveRegion;
        srq = options.IsShared ? pd.CreateSharedReceiveQueue(options.ReceiveDepth, 1) : null;
        pairs = [.. Enumerable.Range(0, options.QueuePairs).Select(Create)];
        (own, peers) = (new PingpongAddress[options.Addresses], new PingpongAddress[options.Addresses]);
        for (var i = 0; i < pairs.Length; i++)
            own[i] = new(Lid.None, pairs[i].Number, new((uint)device.Executor.Chooser.Draw(24, new(ChoiceKind.Value, "pingpong PSN"))), device.QueryGid(1, options.GidIndex));
        PostReceives();
    }

    public bool IsClient { get; }
    /// <summary>What is told to the peer: one address for each queue pair, and empty ones up to the count that the examples send.</summary>
    public IReadOnlyList<PingpongAddress> Own => own;
    public int Sent { get; private set; }
    public int Received { get; private set; }
    public Duration Elapsed { get; private set; }
    /// <summary>Ends when every message was sent and received.</summary>
    /// <exception cref="IOException">Thrown by the await: a completion failed, or data differed.</exception>
    public ValueTask<bool> Finished => finished.Task;

    private IQueuePair Create(int index)
    {
        var qp = pd.CreateQueuePair(new QpInit(options.Type, cq, cq, srq, MaxSendWr: 1, MaxReceiveWr: options.ReceiveDepth, MaxSendSge: 1, MaxReceiveSge: 1, Context: index));
        QueuePairSetup.Initialize(qp, AccessFlags.None, DatagramKey);
        return qp;
    }

    /// <summary>Connects every queue pair; a message that comes then is answered as soon as <see cref="Start"/> was called.</summary>
    /// <exception cref="VerbsException">The device refuses.</exception>
    /// <exception cref="IOException">The peer's address cannot be used.</exception>
    public void Connect(ReadOnlySpan<PingpongAddress> addresses)
    {
        addresses[..peers.Length].CopyTo(peers);
        for (var i = 0; i < pairs.Length; i++)
        {
            var path = LocalGid.PathTo(device, options.GidIndex, peers[i].Gid, HopLimit);
            QueuePairSetup.Connect(pairs[i], new PeerPath(path, options.Mtu, peers[i].Qpn, peers[i].Psn, own[i].Psn));
            if (options.Type == QpType.UnreliableDatagram) handles[i] = pd.CreateAddressHandle(path);
        }
    }

    /// <summary>Begins: the client sends its first messages.</summary>
    public void Start()
    {
        begun = device.Executor.Now;
        for (var i = 0; i < pairs.Length; i++)
        {
            pending[i] = ReceiveWork;
            if (IsClient) Send(i);
        }
        if (options.UseEvents) OnCompletions(cq);
        else spinner.Start();
    }

    public void OnCompletions(ICompletionQueue queue)
    {
        cq.Arm();
        Poll(); // after arming: what came before it gives no notification
    }

    private void Poll()
    {
        int n;
        while (!finished.IsCompleted && (n = cq.Poll(completions)) > 0)
            for (var i = 0; i < n && !finished.IsCompleted; i++) Handle(completions[i]);
    }

    private void Handle(in WorkCompletion completion)
    {
        var index = (int)completion.QueuePair.Context!;
        if (completion.Status != CompletionStatus.Success)
        {
            Fail($"Failed status {completion.Status} ({(int)completion.Status}) for wr_id {completion.Id}");
            return;
        }
        if (completion.Id == SendWork) Sent++;
        else
        {
            Received++;
            if (!IsWhole(completion.ByteLength)) return;
            if (--outstanding <= pairs.Length) PostReceives();
        }
        pending[index] &= ~(int)completion.Id;
        if (Sent >= options.Iterations && Received >= options.Iterations) Finish();
        else if (Sent < options.Iterations && pending[index] == 0) Send(index);
    }

    private bool IsWhole(uint length)
    {
        if (!options.Validate) return true;
        if (length != (uint)receiveBuffer.Length)
        {
            Fail($"message {Received} has {(int)length - options.Headroom} bytes instead of {options.Size}");
            return false;
        }
        for (var i = options.Headroom; i < receiveBuffer.Length; i++)
        {
            if (receiveBuffer[i] == ((i - options.Headroom) % PageSize == 0 ? 0 : filler)) continue;
            Fail($"invalid data in page {(i - options.Headroom) / PageSize}: byte {i - options.Headroom} of message {Received} is 0x{receiveBuffer[i]:x2}");
            return false;
        }
        if (IsClient && pairs.Length == 1) receiveBuffer.AsSpan().Fill(0xFF); // so that the next one is seen to be new; several pairs share the buffer
        return true;
    }

    private void PostReceives()
    {
        for (; outstanding < options.ReceiveDepth; outstanding++)
        {
            Sge sge = new(receiveRegion.Address, (uint)receiveBuffer.Length, receiveRegion.LKey);
            QueuePairSetup.Check(srq is null ? pairs[0].PostReceive(ReceiveWork, [sge]) : srq.PostReceive(ReceiveWork, [sge]));
        }
    }

    private void Send(int index)
    {
        pending[index] = ReceiveWork | SendWork;
        var error = pairs[index].PostSend(new SendRequest
        {
            Id = SendWork, Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled, AddressHandle = handles[index], RemoteQpn = peers[index].Qpn, RemoteQKey = DatagramKey,
        }, [new Sge(sendRegion.Address + (uint)options.Headroom, (uint)options.Size, sendRegion.LKey)]);
        if (error is not null) Fail(error.ToString());
    }

    private void Finish()
    {
        Elapsed = device.Executor.Now - begun;
        spinner.Stop();
        finished.TrySetResult(true);
    }

    private void Fail(string reason)
    {
        spinner.Stop();
        finished.TrySetException(new IOException(reason));
    }

    /// <summary>Gives everything back.</summary>
    public void Close()
    {
        Fail("closed");
        foreach (var qp in pairs) qp.Destroy();
        foreach (var handle in handles) handle?.Destroy();
        srq?.Destroy();
        cq.Destroy();
        receiveRegion.Deregister();
        if (IsClient) sendRegion.Deregister();
        pd.Deallocate();
    }
}
