using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Tools.Rping;

/// <summary>What rping's two sides share: one connection, its QP and CQ, and the buffers.</summary>
internal abstract class RpingEndpoint : ICompletionHandler, ICmEventHandler
{
    protected const ulong ReceiveId = 1, SendId = 2, ReadId = 3, WriteId = 4;
    protected const AccessFlags RemoteBuffer = AccessFlags.LocalWrite | AccessFlags.RemoteRead | AccessFlags.RemoteWrite;

    private readonly WorkCompletion[] completions = new WorkCompletion[16];
    private readonly byte[] receiveBuffer = new byte[RpingAdvert.Length], sendBuffer = new byte[RpingAdvert.Length];
    private IProtectionDomain? pd;
    private ICompletionQueue? cq;
    private IMemoryRegion? receiveRegion, sendRegion;

    protected RpingEndpoint(IRdmaDevice device, RpingOptions options, Action<string> output)
    {
        (Device, Options, Output) = (device, options, output);
        Buffer = new byte[options.Size];
    }

    protected IRdmaDevice Device { get; }
    protected RpingOptions Options { get; }
    protected Action<string> Output { get; }
    protected byte[] Buffer { get; }
    protected ICmId? Id { get; set; }
    protected IMemoryRegion? BufferRegion { get; private set; }
    protected IProtectionDomain Pd => pd!;
    protected Span<byte> Received => receiveBuffer;

    /// <summary>Pings completed.</summary>
    public int Pings { get; protected set; }
    /// <summary>The connection is over and everything was given back.</summary>
    public bool IsFinished { get; private set; }
    /// <summary>What went wrong, if anything.</summary>
    public string? Failure { get; private set; }

    public abstract void OnCmEvent(in CmEvent cmEvent);
    protected abstract void OnReceived();
    protected abstract void OnCompleted(ulong id);

    /// <summary>Creates the QP (16 sends, 2 receives, as rping), registers the buffers and posts the first receive.</summary>
    protected bool Prepare(ICmId id)
    {
        Id = id;
        pd = Device.AllocateProtectionDomain();
        cq = Device.CreateCompletionQueue(32, this);
        if (Check(id.CreateQueuePair(pd, new QpInit(QpType.ReliableConnected, cq, cq, MaxSendWr: 16, MaxReceiveWr: 2)))) return false;
        receiveRegion = pd.Register(receiveBuffer, AccessFlags.LocalWrite);
        sendRegion = pd.Register(sendBuffer, AccessFlags.None);
        BufferRegion = pd.Register(Buffer, RemoteBuffer);
        cq.Arm();
        return PostReceive();
    }

    protected bool PostReceive() => !Check(Id!.QueuePair!.PostReceive(ReceiveId, [new Sge(receiveRegion!.Address, RpingAdvert.Length, receiveRegion.LKey)]));

    /// <summary>Sends 16 bytes: an advert, or the server's go-ahead (which rping leaves empty).</summary>
    protected void Send(RpingAdvert advert)
    {
        advert.Write(sendBuffer);
        Post(new SendRequest { Id = SendId, Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled }, new Sge(sendRegion!.Address, RpingAdvert.Length, sendRegion.LKey));
    }

    protected void Post(in SendRequest request, Sge sge) => Check(Id!.QueuePair!.PostSend(request, [sge]));

    public void OnCompletions(ICompletionQueue queue)
    {
        for (var armed = false; ;)
        {
            var n = queue.Poll(completions);
            if (n == 0)
            {
                if (armed) return;
                queue.Arm();
                armed = true; // once more: what came before arming gives no notification
                continue;
            }
            for (var i = 0; i < n && !IsFinished; i++) Handle(completions[i]);
            if (IsFinished) return;
        }
    }

    private void Handle(in WorkCompletion completion)
    {
        if (completion.Status == CompletionStatus.Flushed) return; // the connection is being closed
        if (completion.Status != CompletionStatus.Success) Fail($"completion {completion.Id} failed: {completion.Status}");
        else if (completion.Id != ReceiveId) OnCompleted(completion.Id);
        else if (completion.ByteLength != RpingAdvert.Length) Fail($"Received bogus data, size {completion.ByteLength}");
        else OnReceived();
    }

    /// <summary>Ends the connection from this side.</summary>
    public void Disconnect()
    {
        if (!IsFinished && Id?.Disconnect() is not null) Finish();
    }

    protected void Fail(string reason)
    {
        Failure ??= reason;
        Finish();
    }

    /// <summary>Notes a refused verb; true when it was one.</summary>
    protected bool Check(VerbsError? error)
    {
        if (error is not null) Fail(error.ToString());
        return error is not null;
    }

    /// <summary>Gives everything back.</summary>
    protected void Finish()
    {
        if (IsFinished) return;
        IsFinished = true;
        Id?.QueuePair?.Destroy();
        Id?.Destroy();
        ReleaseBuffers();
        BufferRegion?.Deregister();
        sendRegion?.Deregister();
        receiveRegion?.Deregister();
        cq?.Destroy();
        pd?.Deallocate();
    }

    /// <summary>Deregisters what the derived side registered.</summary>
    protected virtual void ReleaseBuffers()
    {
    }
}
