using System.Text;
using Weft.Fabric.Connections;
using Weft.Fabric.Sim;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;
using Weft.Protocol.Iser;
using Weft.Protocol.Scsi;

namespace Weft.Target.Tests.Iser;

/// <summary>An iSER initiator that sends whatever it is told to, and keeps whatever comes: for what a real one never does.</summary>
internal sealed class RawClient : ICmEventHandler, ICompletionHandler
{
    private const int BufferLength = 76 + 8192;
    private const int Buffers = 64;
    private readonly World world;
    private readonly IRdmaDevice device;
    private readonly IProtectionDomain pd;
    private readonly IMemoryRegion messages;
    private IMemoryRegion region;
    private readonly byte[] memory = new byte[2 * Buffers * BufferLength];
    private readonly ICompletionQueue cq;
    private readonly ICmId id;
    private int sent;

    public RawClient(World world, IRdmaDevice device)
    {
        (this.world, this.device) = (world, device);
        pd = device.AllocateProtectionDomain();
        messages = pd.Register(memory, AccessFlags.LocalWrite);
        region = pd.Register(Data, AccessFlags.LocalWrite | AccessFlags.RemoteRead | AccessFlags.RemoteWrite);
        cq = device.CreateCompletionQueue(512, this);
        id = device.ConnectionManager.CreateId(PortSpace.Tcp, this);
    }

    /// <summary>Memory that commands may name: the write half first, then the read half.</summary>
    public byte[] Data { get; } = new byte[1 << 20];
    public Queue<byte[]> Inbox { get; } = [];
    public List<CmEventType> Events { get; } = [];
    public int SendErrors { get; private set; }
    public uint LastInvalidated { get; private set; }
    public IQueuePair QueuePair => id.QueuePair!;
    public bool IsEstablished => Events.Contains(CmEventType.Established);
    public bool IsGone => Events.Contains(CmEventType.Disconnected) || Events.Contains(CmEventType.Rejected);
    public uint CmdSn = 1;
    public uint NextTag = 1;
    public byte PrivateFlags = 0xC0;

    /// <summary>Names the memory by a key that the target may take back.</summary>
    public void RegisterFast()
    {
        var fast = pd.AllocateFastRegistration(1);
        Assert.Null(fast.SetSegments([Data]));
        Assert.Null(QueuePair.PostSend(new()
        {
            Opcode = WorkOpcode.RegisterMemory, Flags = SendFlags.Signaled, Region = fast, Key = fast.RKey.NextKey(), RemoteAddress = region.Address,
            Access = AccessFlags.LocalWrite | AccessFlags.RemoteRead | AccessFlags.RemoteWrite,
        }, default));
        region.Deregister();
        region = fast;
    }

    public RKey Key => region.RKey;

    public async Task ConnectAsync(bool wait = true)
    {
        id.ResolveAddress(Lab.Portal, Duration.FromSeconds(1));
        if (wait) await world.Until(() => IsEstablished || IsGone || Events.Contains(CmEventType.Unreachable), "connection");
    }

    public async Task LoginAsync(KeyPolicy? keys = null, string? target = Lab.TargetName, string iqn = "iqn.2026-01.weft:raw")
    {
        await ConnectAsync();
        var login = StartLogin(keys, target, iqn);
        while (!login.IsFinished) login = await FinishLoginAsync(login);
        Assert.Equal(InitiatorLoginState.FullFeature, login.State);
    }

    public InitiatorLogin StartLogin(KeyPolicy? keys = null, string? target = Lab.TargetName, string iqn = "iqn.2026-01.weft:raw")
    {
        var login = new InitiatorLogin(new(iqn, keys ?? (target is null ? KeyPolicy.OpenIscsiDiscovery() : KeyPolicy.OpenIscsi(iser: true)))
        {
            TargetName = target, FirstCmdSn = new(CmdSn), Isid = Isid.FromOui(0x023d, 1),
        }, null!);
        var text = new byte[8192];
        login.Start(text, out var request);
        Send(request.Bhs, text.AsSpan(0, request.DataSegmentLength));
        return login;
    }

    public async Task<InitiatorLogin> FinishLoginAsync(InitiatorLogin login)
    {
        var response = await TakeAsync<LoginResponsePdu>();
        var text = new byte[8192];
        if (login.Handle(response.Pdu, response.Data, text, out var request)) Send(request.Bhs, text.AsSpan(0, request.DataSegmentLength));
        return login;
    }

    public void Send(in Bhs bhs, ReadOnlySpan<byte> data = default, IserHeader? header = null)
    {
        var message = new byte[76 + data.Length];
        (header ?? IserHeader.Plain).Write(message);
        bhs.Write(message.AsSpan(28));
        data.CopyTo(message.AsSpan(76));
        SendBytes(message);
    }

    public VerbsError? SendBytes(byte[] message)
    {
        var at = (Buffers + (sent++ % Buffers)) * BufferLength;
        message.CopyTo(memory, at);
        return QueuePair.PostSend(new() { Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled }, [new(messages.Address + (ulong)at, (uint)message.Length, messages.LKey)]);
    }

    /// <summary>A WRITE(10) whose data the target may fetch, apart from what is given as immediate.</summary>
    public uint Write(uint lba, ushort blocks, ReadOnlySpan<byte> immediate = default, bool final = true, bool withKey = true)
    {
        var tag = NextTag++;
        var command = new ScsiCommandPdu
        {
            IsWrite = true, Final = final, InitiatorTaskTag = new(tag), CmdSn = new(CmdSn++), ExpectedDataTransferLength = blocks * 512u,
            DataSegmentLength = immediate.Length, Cdb = Cdb10(0x2A, lba, blocks),
        };
        var header = withKey && immediate.Length < blocks * 512
            ? new IserHeader(IserFlags.Control | IserFlags.WriteStagValid, region.RKey, region.Address + (uint)immediate.Length)
            : IserHeader.Plain;
        Send(command.Bhs, immediate, header);
        return tag;
    }

    public uint Read(uint lba, ushort blocks, bool withKey = true, Func<ScsiCommandPdu, ScsiCommandPdu>? change = null)
    {
        var tag = NextTag++;
        var command = new ScsiCommandPdu
        {
            IsRead = true, InitiatorTaskTag = new(tag), CmdSn = new(CmdSn++), ExpectedDataTransferLength = blocks * 512u, Cdb = Cdb10(0x28, lba, blocks),
        };
        if (change is not null) command = change(command);
        Send(command.Bhs, default, withKey ? new(IserFlags.Control | IserFlags.ReadStagValid, ReadStag: region.RKey, ReadVa: region.Address + (ulong)(Data.Length / 2)) : IserHeader.Plain);
        return tag;
    }

    public Span<byte> ReadHalf => Data.AsSpan(Data.Length / 2);

    public static CdbBytes Cdb10(byte opcode, uint lba, ushort blocks) =>
        CdbBytes.From([opcode, 0, (byte)(lba >> 24), (byte)(lba >> 16), (byte)(lba >> 8), (byte)lba, 0, (byte)(blocks >> 8), (byte)blocks, 0]);

    public void Manage(TaskManagementFunction function, uint referenced = 0xFFFF_FFFF, uint refCmdSn = 0, bool immediate = true) => Send(new TaskManagementRequestPdu
    {
        Immediate = immediate, Function = function, InitiatorTaskTag = new(NextTag++), ReferencedTaskTag = new(referenced), RefCmdSn = new(refCmdSn), CmdSn = new(immediate ? CmdSn : CmdSn++),
    }.Bhs);

    public void Text(string keys, uint tag = 0xFFFF_FFFF, bool immediate = false)
    {
        var data = Encoding.ASCII.GetBytes(keys.Replace(' ', '\0') + "\0");
        Send(new TextRequestPdu
        {
            Immediate = immediate, InitiatorTaskTag = new(NextTag++), TargetTransferTag = new(tag), CmdSn = new(immediate ? CmdSn : CmdSn++),
            DataSegmentLength = keys.Length == 0 ? 0 : data.Length,
        }.Bhs, keys.Length == 0 ? default : data);
    }

    public async Task<(T Pdu, byte[] Data)> TakeAsync<T>()
        where T : struct, IPdu<T>
    {
        await world.Until(() => Inbox.Count > 0, $"a {typeof(T).Name}", Duration.FromSeconds(100));
        var bytes = Inbox.Dequeue();
        Assert.Null(IserMessage.TryRead(bytes, out var message));
        var data = message.Pdu.Data.ToArray();
        Assert.True(Pdu.TryView<T>(message.Pdu.Bhs, out var pdu), $"wanted {typeof(T).Name}, got {message.ToString()}");
        return (pdu, data);
    }

    public async Task<ScsiResponsePdu> StatusAsync(uint tag, ScsiStatus status = ScsiStatus.Good)
    {
        var (pdu, data) = await TakeAsync<ScsiResponsePdu>();
        Assert.Equal(new(tag), pdu.InitiatorTaskTag);
        Assert.True(status == pdu.Status, $"{pdu} {Convert.ToHexString(data)}");
        return pdu;
    }

    public Task GoneAsync() => world.Until(() => IsGone, "the target to disconnect", Duration.FromSeconds(200)).AsTask();

    public void Disconnect() => id.Disconnect();

    public void Destroy()
    {
        QueuePair?.Destroy();
        id.Destroy();
        cq.Destroy();
        messages.Deregister();
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
                id.CreateQueuePair(pd, new(QpType.ReliableConnected, cq, cq, MaxSendWr: 256, MaxReceiveWr: 128, SignalAll: true));
                for (var i = 0; i < Buffers; i++) PostReceive(i);
                cq.Arm();
                id.Connect(new() { PrivateData = new byte[] { PrivateFlags, 0, 0, 0 }, ResponderResources = 4, InitiatorDepth = 1, RnrRetryCount = 6 });
                break;
            case CmEventType.Disconnected:
                id.Disconnect();
                break;
        }
    }

    private void PostReceive(int index) =>
        QueuePair.PostReceive((ulong)index, [new(messages.Address + (ulong)(index * BufferLength), BufferLength, messages.LKey)]);

    void ICompletionHandler.OnCompletions(ICompletionQueue queue)
    {
        Consume(queue);
        queue.Arm();
        Consume(queue);
    }

    private void Consume(ICompletionQueue queue)
    {
        var polled = new WorkCompletion[16];
        for (int n; (n = queue.Poll(polled)) > 0;)
            for (var i = 0; i < n; i++)
            {
                var wc = polled[i];
                if (wc.Status != CompletionStatus.Success) SendErrors++;
                else if (wc.Opcode == CompletionOpcode.Receive)
                {
                    if ((wc.Flags & CompletionFlags.WithInvalidate) != 0) LastInvalidated = wc.ImmediateOrKey;
                    Inbox.Enqueue(memory.AsSpan((int)wc.Id * BufferLength, (int)wc.ByteLength).ToArray());
                    PostReceive((int)wc.Id);
                }
            }
    }
}
