using Weft.Fabric.Connections;
using Weft.Fabric.Sim;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;
using Weft.Protocol.Srp;

namespace Weft.Target.Tests.Srp;

/// <summary>An SRP initiator that sends whatever it is told to, and keeps whatever comes: for what a real one never does.</summary>
internal sealed class RawSrpClient : ICmEventHandler, ICompletionHandler
{
    private const int Length = 8276;
    private const int Buffers = 32;
    private readonly World world;
    private readonly IProtectionDomain pd;
    private readonly IMemoryRegion region;
    private readonly byte[] memory = new byte[2 * Buffers * Length];
    private readonly ICompletionQueue cq;
    private readonly ICmId id;
    private readonly byte[] login;
    private readonly WorkCompletion[] polled = new WorkCompletion[16];
    private int sent;

    /// <param name="login">Private data of the request: 56 bytes, if it is to be a login.</param>
    public RawSrpClient(World world, IRdmaDevice device, byte[] login)
    {
        (this.world, this.login) = (world, login);
        pd = device.AllocateProtectionDomain();
        region = pd.Register(memory, AccessFlags.LocalWrite | AccessFlags.RemoteRead | AccessFlags.RemoteWrite);
        cq = device.CreateCompletionQueue(256, this);
        id = device.ConnectionManager.CreateId(PortSpace.Tcp, this);
        id.ResolveAddress(SrpLab.Portal, Duration.FromSeconds(1));
    }

    public Queue<byte[]> Inbox { get; } = [];
    public List<CmEventType> Events { get; } = [];
    public byte[] Refusal { get; private set; } = [];
    public RKey Key => region.RKey;
    public ulong Address => region.Address;
    public bool IsEstablished => Events.Contains(CmEventType.Established);
    public bool IsGone => Events.Exists(e => e is CmEventType.Disconnected or CmEventType.Rejected or CmEventType.Unreachable);

    /// <summary>A login that the target takes.</summary>
    public static byte[] Login(SrpLab lab, byte flags = SrpLoginRequest.ImmediateDataFlag, uint length = 8260)
    {
        var data = new byte[SrpLoginRequest.RdmaCmLength];
        new SrpLoginRequest(1, length, SrpBufferFormats.Direct | SrpBufferFormats.Indirect, flags, new(0, 7), lab.Port.TargetPortId, 68).WriteRdmaCm(data);
        return data;
    }

    public Task ConnectAsync() => world.Until(() => IsEstablished || IsGone, "the connection", Duration.FromSeconds(60)).AsTask();

    public void Send(ReadOnlySpan<byte> unit)
    {
        var at = (Buffers + sent++ % Buffers) * Length;
        unit.CopyTo(memory.AsSpan(at));
        id.QueuePair!.PostSend(new() { Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled }, [new(region.Address + (ulong)at, (uint)unit.Length, region.LKey)]);
    }

    public void Disconnect() => id.Disconnect();

    public void Destroy()
    {
        id.QueuePair?.Destroy();
        id.Destroy();
        cq.Destroy();
        region.Deregister();
        pd.Deallocate();
    }

    void ICmEventHandler.OnCmEvent(in CmEvent e)
    {
        Events.Add(e.Type);
        switch (e.Type)
        {
            case CmEventType.AddressResolved:
                id.ResolveRoute(Duration.FromSeconds(1));
                break;
            case CmEventType.RouteResolved:
                id.CreateQueuePair(pd, new(QpType.ReliableConnected, cq, cq, MaxSendWr: 64, MaxReceiveWr: 64));
                for (var i = 0; i < Buffers; i++) PostReceive(i);
                cq.Arm();
                id.Connect(new() { PrivateData = login, ResponderResources = 4, InitiatorDepth = 0 });
                break;
            case CmEventType.Rejected:
                Refusal = e.PrivateData.ToArray();
                break;
            case CmEventType.Disconnected:
                id.Disconnect();
                break;
        }
    }

    private void PostReceive(int index) => id.QueuePair!.PostReceive((uint)index | 1UL << 32, [new(region.Address + (ulong)(index * Length), Length, region.LKey)]);

    void ICompletionHandler.OnCompletions(ICompletionQueue queue)
    {
        for (var round = 0; round < 2; round++)
        {
            for (int n; (n = queue.Poll(polled)) > 0;)
                for (var i = 0; i < n; i++)
                    if (polled[i].Status == CompletionStatus.Success && polled[i].Opcode == CompletionOpcode.Receive) Take((int)(uint)polled[i].Id, (int)polled[i].ByteLength);
            queue.Arm();
        }
    }

    private void Take(int index, int length)
    {
        Inbox.Enqueue(memory.AsSpan(index * Length, length).ToArray());
        PostReceive(index);
    }
}
