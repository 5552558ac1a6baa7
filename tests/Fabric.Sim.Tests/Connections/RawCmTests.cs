using Weft.Fabric.Connections;
using Weft.Fabric.Sim.Tests.InfiniBand;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Sim.Tests.Connections;

/// <summary>The IB CM without the RDMA CM on top: services by their ids, paths from the consumer.</summary>
public sealed class RawCmTests : ICmEventHandler
{
    private static readonly ServiceId Service = new(0x0002_C903_0012_3456);
    private readonly World world = new(new() { Seed = 1 });
    private readonly VerbsHost a, b;
    private readonly List<(string Host, CmEventType Type, int Status)> events = [];
    private ICmId? passive;
    private byte[] request = [], reply = [];
    private bool refuses;

    public RawCmTests()
    {
        var link = world.Connect(world.AddHost("a"), world.AddHost("b"), new() { Type = LinkType.InfiniBand });
        (a, b) = (new(link.A, 1), new(link.B, 2));
    }

    private ConnectionPath Path => new(a.Address, b.Address, new(1), new(2), PKey.Default, ServiceLevel: 0, PathMtu.Mtu2048, Rate: 16);

    void ICmEventHandler.OnCmEvent(in CmEvent e)
    {
        events.Add((e.Id.Device.Attributes.Name, e.Type, e.Status));
        switch (e.Type)
        {
            case CmEventType.ConnectRequest:
                request = e.PrivateData.ToArray();
                passive = e.Id;
                if (refuses)
                {
                    Assert.Null(e.Id.Reject([9, 8, 7]));
                    break;
                }
                Assert.Null(e.Id.CreateQueuePair(b.Domain, new(QpType.ReliableConnected, b.Queue, b.Queue)));
                Assert.Null(e.Id.Accept(new() { PrivateData = new byte[] { 4, 5, 6 } }));
                break;
            case CmEventType.Established when e.Id.Device == a.Device:
            case CmEventType.Rejected:
                reply = e.PrivateData.ToArray();
                break;
            case CmEventType.Disconnected:
                e.Id.Disconnect();
                break;
        }
    }

    private ICmId Listen()
    {
        var listener = b.Device.ConnectionManager.CreateId(PortSpace.InfiniBand, this);
        Assert.Null(listener.Listen(Service, 4));
        return listener;
    }

    private ICmId Connect(ServiceId service, ConnectionPath path)
    {
        var id = a.Device.ConnectionManager.CreateId(PortSpace.InfiniBand, this);
        Assert.Null(id.UsePath(path, service));
        Assert.Null(id.CreateQueuePair(a.Domain, new(QpType.ReliableConnected, a.Queue, a.Queue)));
        Assert.Null(id.Connect(new() { PrivateData = Enumerable.Range(1, 92).Select(i => (byte)i).ToArray() }));
        return id;
    }

    private void Run()
    {
        var result = world.RunUntilIdle();
        Assert.True(result.HasPassed, result.ToString());
    }

    [Fact]
    public void A_connection_to_a_service_carries_private_data_both_ways_and_uses_the_path()
    {
        var listener = Listen();
        var id = Connect(Service, Path);
        Run();
        Assert.Equal([("b", CmEventType.ConnectRequest, 0), ("a", CmEventType.Established, 0), ("b", CmEventType.Established, 0)], events);
        Assert.Equal(Enumerable.Range(1, 92).Select(i => (byte)i), request);
        Assert.Equal([4, 5, 6], reply[..3]);
        var attributes = passive!.QueuePair!.Query();
        Assert.Equal((new Lid(1), PathMtu.Mtu2048, false), (attributes.AddressVector.DestinationLid, attributes.PathMtu, attributes.AddressVector.IsGlobal));
        Assert.Null(id.Disconnect());
        Run();
        foreach (var left in new[] { id, passive, listener }) left.Destroy();
        Run();
        Assert.Equal((0, 0), (a.Device.Resources.CmIds, b.Device.Resources.CmIds));
    }

    [Fact]
    public void A_service_that_nobody_offers_is_refused_with_reason_8()
    {
        Listen();
        Connect(new(Service.Value + 1), Path);
        Run();
        Assert.Equal([("a", CmEventType.Rejected, (int)CmRejReason.InvalidServiceId)], events);
    }

    [Fact]
    public void A_listener_that_refuses_says_so_in_its_own_words()
    {
        refuses = true;
        Listen();
        Connect(Service, Path);
        Run();
        Assert.Equal(("a", CmEventType.Rejected, (int)CmRejReason.ConsumerDefined), events[1]);
        Assert.Equal([9, 8, 7], reply[..3]);
    }

    [Fact]
    public void A_service_has_one_listener_until_that_is_gone()
    {
        var listener = Listen();
        var second = b.Device.ConnectionManager.CreateId(PortSpace.InfiniBand, this);
        Assert.Equal(VerbsErrorCode.AddressInUse, second.Listen(Service, 1)!.Code);
        listener.Destroy();
        Assert.Null(second.Listen(Service, 1));
    }

    [Fact]
    public void A_path_of_another_device_or_partition_is_refused_at_once()
    {
        var id = a.Device.ConnectionManager.CreateId(PortSpace.InfiniBand, this);
        Assert.Equal(VerbsErrorCode.NotFound, id.UsePath(Path with { Source = b.Address }, Service)!.Code);
        Assert.Equal(VerbsErrorCode.NotFound, id.UsePath(Path with { PKey = new(0x8012) }, Service)!.Code);
        Assert.Equal(VerbsErrorCode.InvalidState, id.Bind(new(a.Address, 7))!.Code);
    }
}
