using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Sim.Tests.Connections;

/// <summary>A consumer on a real device: connects or accepts, sends one message when connected, and cleans up.</summary>
internal sealed class CmHost : ICmEventHandler, IAsyncEventHandler
{
    private readonly IProtectionDomain pd;
    private readonly ICompletionQueue cq;
    private readonly IMemoryRegion region;
    private readonly List<ICmId> ids = [];

    /// <param name="number">Last byte of its address; on InfiniBand its LID and the end of its GUID.</param>
    public CmHost(LinkPort port, byte number, PathTable paths)
    {
        var name = port.Node.Name;
        if (port.Type == LinkType.InfiniBand)
        {
            var settings = new IbPortSettings { State = PortState.Active, Lid = new(number) };
            Address = Gid.LinkLocal(new(number));
            paths.Add(Address, settings.Lid);
            Device = InfiniBandDevice.Create(
                port.Node, new() { Name = name, NodeGuid = new(number), Paths = paths, Ports = [new() { PortGuid = new(number), Settings = settings }] }, port).Verbs;
        }
        else
        {
            Address = Gid.FromIPv4(0x0A00_0000u | number);
            Device = RoceDevice.Create(port.Node, new RoceDeviceOptions { Name = name, Ports = [new() { Mac = port.SuggestedMac, Addresses = [Address] }] }, port);
        }
        pd = Device.AllocateProtectionDomain();
        cq = Device.CreateCompletionQueue(64, null);
        region = pd.Register(new byte[256], AccessFlags.LocalWrite);
        Device.AddAsyncEventHandler(this);
    }

    public IRdmaDevice Device { get; }
    public Gid Address { get; }
    public List<(CmEventType Type, Instant At)> Events { get; } = [];
    public IEnumerable<CmEventType> Types => Events.Select(e => e.Type);
    public int CommunicationEstablished { get; private set; }
    public int Received { get; private set; }
    public ICmId LastId => ids[^1];
    public bool IsOver => Types.Any(t => t is CmEventType.Disconnected or CmEventType.Rejected or CmEventType.Unreachable or CmEventType.AddressError);

    public void Listen(ushort port)
    {
        var id = Device.ConnectionManager.CreateId(PortSpace.Tcp, this);
        ids.Add(id);
        Assert.Null(id.Bind(new(default, port)));
        Assert.Null(id.Listen(8));
    }

    public void Connect(Gid to, ushort port)
    {
        var id = Device.ConnectionManager.CreateId(PortSpace.Tcp, this);
        ids.Add(id);
        Assert.Null(id.ResolveAddress(new(to, port), Duration.FromSeconds(10)));
    }

    private void Prepare(ICmId id)
    {
        Assert.Null(id.CreateQueuePair(pd, new(QpType.ReliableConnected, cq, cq)));
        Assert.Null(id.QueuePair!.PostReceive(1, [new(region.Address, 256, region.LKey)]));
    }

    public void OnCmEvent(in CmEvent e)
    {
        Events.Add((e.Type, Device.Executor.Now));
        switch (e.Type)
        {
            case CmEventType.AddressResolved:
                Assert.Null(e.Id.ResolveRoute(Duration.FromSeconds(1)));
                break;
            case CmEventType.RouteResolved:
                Prepare(e.Id);
                Assert.Null(e.Id.Connect(new()));
                break;
            case CmEventType.ConnectRequest:
                ids.Add(e.Id);
                Prepare(e.Id);
                Assert.Null(e.Id.Accept(new()));
                break;
            case CmEventType.Established when e.Parameters is not null: // the active side
                Assert.Null(e.Id.QueuePair!.PostSend(new() { Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled }, [new(region.Address, 16, region.LKey)]));
                break;
            case CmEventType.Disconnected:
                e.Id.Disconnect();
                e.Id.Destroy();
                break;
        }
    }

    public void OnAsyncEvent(in AsyncEvent e)
    {
        if (e.Type != AsyncEventType.CommunicationEstablished) return;
        CommunicationEstablished++;
        var qp = e.QueuePair;
        ids.Find(id => id.QueuePair == qp)?.NotifyCommunicationEstablished();
    }

    public void CleanUp()
    {
        var completions = new WorkCompletion[64];
        foreach (var c in completions.AsSpan(0, cq.Poll(completions)))
            if (c is { Status: CompletionStatus.Success, Opcode: CompletionOpcode.Receive }) Received++;
        foreach (var id in ids) id.Destroy();
        Assert.Null(region.Deregister());
        Assert.Null(cq.Destroy());
        Assert.Null(pd.Deallocate());
        Device.RemoveAsyncEventHandler(this);
    }
}
