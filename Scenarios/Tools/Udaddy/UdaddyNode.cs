using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Tools.Udaddy;

/// <summary>
/// One of udaddy's queue pairs: unreliable datagrams between two that the RDMA CM made known to each other (SIDR). The client learns the server's
/// QPN from the CM; the server learns the client's from the immediate data of its first message.
/// </summary>
internal sealed class UdaddyNode : ICompletionHandler
{
    private const int GrhLength = 40;
    private const byte HopLimit = 64;
    private const ulong SendId = 1, ReceiveId = 2;

    private readonly UdaddyOptions options;
    private readonly CmConnection connection;
    private readonly IProtectionDomain pd;
    private readonly ICompletionQueue cq;
    private readonly byte[] sendBuffer, receiveBuffer;
    private readonly IMemoryRegion sendRegion, receiveRegion;
    private readonly WorkCompletion[] completions = new WorkCompletion[8];
    private readonly Completion<bool> receivedAll, sentAll;
    private IAddressHandle? handle;
    private Qpn remoteQpn;
    private QKey remoteKey;

    /// <exception cref="VerbsException">The device refuses a resource.</exception>
    public UdaddyNode(IRdmaDevice device, UdaddyOptions options, CmConnection connection)
    {
        (this.options, this.connection) = (options, connection);
        receivedAll = new(device.Executor.CreateLane("udaddy received", ChoiceKind.Dispatch), "messages");
        sentAll = new(device.Executor.CreateLane("udaddy sent", ChoiceKind.Dispatch), "sends");
        var depth = Math.Max(1, options.Count);
        pd = device.AllocateProtectionDomain();
        cq = device.CreateCompletionQueue(2 * depth, this);
        sendBuffer = new byte[Math.Max(1, options.Size)];
        for (var i = 0; i < sendBuffer.Length; i++) sendBuffer[i] = (byte)i;
        receiveBuffer = new byte[GrhLength + options.Size];
        sendRegion = pd.Register(sendBuffer, AccessFlags.None);
        receiveRegion = pd.Register(receiveBuffer, AccessFlags.LocalWrite);
        QueuePairSetup.Check(connection.Id.CreateQueuePair(pd, new QpInit(QpType.UnreliableDatagram, cq, cq, MaxSendWr: depth, MaxReceiveWr: depth, MaxSendSge: 1, MaxReceiveSge: 1)));
        for (var i = 0; i < options.Count; i++)
            QueuePairSetup.Check(connection.Id.QueuePair!.PostReceive(ReceiveId, [new Sge(receiveRegion.Address, (uint)receiveBuffer.Length, receiveRegion.LKey)]));
        cq.Arm();
    }

    public int Received { get; private set; }
    public int Sent { get; private set; }

    /// <summary>Asks the server for its queue pair.</summary>
    /// <exception cref="IOException">It refuses, or does not answer.</exception>
    public async Task ConnectAsync()
    {
        await connection.ConnectAsync(new ConnectionParameters());
        UsePeer(new AddressVector(connection.Id.Local.Address, connection.Id.Remote.Address, HopLimit: HopLimit), connection.DatagramQpn, connection.DatagramQKey);
    }

    /// <summary>Answers the client's question; a datagram id is not established by anything more.</summary>
    /// <exception cref="VerbsException">The device refuses.</exception>
    public void Accept() => QueuePairSetup.Check(connection.Id.Accept(new ConnectionParameters()));

    /// <summary>Sends every message.</summary>
    /// <exception cref="IOException">A send failed.</exception>
    public async Task SendAsync()
    {
        for (var i = 0; i < options.Count; i++)
        {
            QueuePairSetup.Check(connection.Id.QueuePair!.PostSend(new SendRequest
            {
                Id = SendId, Opcode = WorkOpcode.SendWithImmediate, Flags = SendFlags.Signaled, Immediate = connection.Id.QueuePair.Number.Value,
                AddressHandle = handle, RemoteQpn = remoteQpn, RemoteQKey = remoteKey,
            }, [new Sge(sendRegion.Address, (uint)options.Size, sendRegion.LKey)]));
        }
        if (options.Count > 0) await sentAll.Task;
    }

    /// <summary>Ends when every message has come; one that the network lost is waited for, as udaddy does.</summary>
    /// <exception cref="IOException">A receive failed.</exception>
    public async Task ReceiveAsync()
    {
        if (options.Count > 0) await receivedAll.Task;
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
            Fail($"udaddy: completion failed: {completion.Status}");
            return;
        }
        if (completion.Id == SendId)
        {
            if (++Sent == options.Count) sentAll.TrySetResult(true);
            return;
        }
        if (handle is null) UsePeer(completion.Source with { HopLimit = HopLimit }, new((uint)completion.ImmediateOrKey), QKey.RdmaUdp);
        if (++Received == options.Count) receivedAll.TrySetResult(true);
    }

    private void UsePeer(AddressVector path, Qpn qpn, QKey key)
    {
        handle = pd.CreateAddressHandle(path);
        (remoteQpn, remoteKey) = (qpn, key);
    }

    private void Fail(string reason)
    {
        receivedAll.TrySetException(new IOException(reason));
        sentAll.TrySetException(new IOException(reason));
    }

    /// <summary>Gives everything back.</summary>
    public void Close()
    {
        Fail("closed");
        connection.Close();
        handle?.Destroy();
        cq.Destroy();
        receiveRegion.Deregister();
        sendRegion.Deregister();
        pd.Deallocate();
    }
}
