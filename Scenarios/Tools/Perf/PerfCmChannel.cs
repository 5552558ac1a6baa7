using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Protocol.Tools;

namespace Weft.Scenarios.Tools.Perf;

/// <summary>perftest's talk over the RDMA CM (-R): SENDs on a reliable connection of its own, keys as a structure.</summary>
internal sealed class PerfCmChannel : IPerfChannel, ICompletionHandler
{
    private const int Slots = 8, SlotLength = 64;
    private const ulong SendId = Slots;

    private readonly byte[] memory = new byte[(Slots + 1) * SlotLength]; // the last slot is sent from
    private readonly WorkCompletion[] completions = new WorkCompletion[Slots + 1];
    private readonly Queue<(int Slot, int Length)> received = new();
    private readonly Completion<bool> arrived, sent;
    private readonly CmConnection connection;
    private readonly IProtectionDomain pd;
    private readonly ICompletionQueue cq;
    private readonly IMemoryRegion region;
    private string? failure;

    private PerfCmChannel(IRdmaDevice device, CmConnection connection)
    {
        this.connection = connection;
        arrived = new(device.Executor.CreateLane("exchange received", ChoiceKind.Dispatch), "message");
        sent = new(device.Executor.CreateLane("exchange sent", ChoiceKind.Dispatch), "acknowledgement");
        pd = device.AllocateProtectionDomain();
        cq = device.CreateCompletionQueue(2 * Slots, this);
        region = pd.Register(memory, AccessFlags.LocalWrite);
        QueuePairSetup.Check(connection.Id.CreateQueuePair(pd, new QpInit(QpType.ReliableConnected, cq, cq, MaxSendWr: 2, MaxReceiveWr: Slots)));
        cq.Arm();
        for (var i = 0; i < Slots; i++) Post(i);
    }

    public static async Task<PerfCmChannel> ConnectAsync(IRdmaDevice device, CmConnection connection, IpEndpoint server)
    {
        await connection.ResolveAsync(server);
        var channel = new PerfCmChannel(device, connection);
        await connection.ConnectAsync(new ConnectionParameters());
        return channel;
    }

    public static async Task<PerfCmChannel> AcceptAsync(IRdmaDevice device, CmConnection request)
    {
        var channel = new PerfCmChannel(device, request);
        await request.AcceptAsync(new ConnectionParameters());
        return channel;
    }

    public int KeysLength => PerftestKeys.BinaryLength;

    public bool TryReadKeys(ReadOnlySpan<byte> source, out PerftestKeys keys) => PerftestKeys.TryReadBinary(source, out keys);
    public void WriteKeys(Span<byte> target, in PerftestKeys keys) => keys.WriteBinary(target);

    public async Task WriteAsync(ReadOnlyMemory<byte> message)
    {
        message.CopyTo(memory.AsMemory(Slots * SlotLength));
        sent.Reset();
        QueuePairSetup.Check(connection.Id.QueuePair!.PostSend(new SendRequest { Id = SendId, Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled },
            [new Sge(region.Address + Slots * SlotLength, (uint)message.Length, region.LKey)]));
        await sent.Task;
    }

    public async Task ReadAsync(Memory<byte> message)
    {
        if (received.Count == 0)
        {
            if (failure is not null) throw new IOException(failure);
            arrived.Reset();
            await arrived.Task;
        }
        var (slot, length) = received.Dequeue();
        if (length != message.Length) throw new IOException($"the peer sent a message of {length} bytes where one of {message.Length} belongs: is it the same program with the same options?");
        memory.AsMemory(slot * SlotLength, length).CopyTo(message);
        Post(slot);
    }

    public void OnCompletions(ICompletionQueue queue)
    {
        cq.Arm();
        int n;
        while ((n = cq.Poll(completions)) > 0)
            for (var i = 0; i < n; i++) Handle(completions[i]);
    }

    private void Handle(in WorkCompletion completion)
    {
        if (completion.Status != CompletionStatus.Success)
        {
            failure ??= completion.Status == CompletionStatus.Flushed ? "the peer disconnected early" : $"the exchange with the peer failed: {completion.Status}";
            sent.TrySetException(new IOException(failure));
            arrived.TrySetException(new IOException(failure));
        }
        else if (completion.Id == SendId) sent.TrySetResult(true);
        else
        {
            received.Enqueue(((int)completion.Id, (int)completion.ByteLength));
            arrived.TrySetResult(true);
        }
    }

    private void Post(int slot) => QueuePairSetup.Check(
        connection.Id.QueuePair!.PostReceive((ulong)slot, [new Sge(region.Address + (uint)(slot * SlotLength), SlotLength, region.LKey)]));

    public Task CloseAsync() => Task.CompletedTask;

    public void Dispose()
    {
        connection.Close();
        cq.Destroy();
        region.Deregister();
        pd.Deallocate();
    }
}
