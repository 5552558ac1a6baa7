using Weft.Fabric.Connections;
using Weft.Fabric.Engine.Cm;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Tests.Engine.Cm;

/// <summary>A consumer: connects or accepts, and keeps a list of what it saw.</summary>
internal sealed class CmTestPeer(CmTestNode node) : ICmEventHandler
{
    public static readonly ConnectionParameters Defaults = new();

    public List<(CmEventType Type, int Status)> Events { get; } = [];
    public IEnumerable<CmEventType> Types => Events.Select(e => e.Type);
    public List<ICmId> Ids { get; } = [];
    public byte[] LastPrivateData { get; private set; } = [];
    public ConnectionParameters? LastParameters { get; private set; }
    public CmEvent LastEvent { get; private set; }
    /// <summary>Decides instead of the default behaviour; true when it has.</summary>
    public Func<CmEvent, bool>? On { get; set; }
    public ConnectionParameters Parameters { get; set; } = Defaults;
    /// <summary>Destroy ids when their connection is over.</summary>
    public bool CleansUp { get; set; } = true;

    public QpInit Qp(PortSpace space) =>
        new(space == PortSpace.Udp ? QpType.UnreliableDatagram : QpType.ReliableConnected, null!, null!);

    public ICmId Listen(ushort port, int backlog = 128, PortSpace space = PortSpace.Tcp)
    {
        var id = node.Manager.CreateId(space, this);
        Assert.Null(id.Bind(new(default, port)));
        Assert.Null(id.Listen(backlog));
        return id;
    }

    public ICmId Connect(Gid address, ushort port, PortSpace space = PortSpace.Tcp)
    {
        var id = node.Manager.CreateId(space, this, "context");
        Ids.Add(id);
        Call(() => Assert.Null(id.ResolveAddress(new(address, port), Duration.FromSeconds(2))));
        return id;
    }

    public void Call(Action action)
    {
        node.InCall = true;
        action();
        node.InCall = false;
    }

    public void OnCmEvent(in CmEvent cmEvent)
    {
        Assert.False(node.InCall, "an event was delivered from inside a call");
        Events.Add((cmEvent.Type, cmEvent.Status));
        LastEvent = cmEvent;
        LastPrivateData = cmEvent.PrivateData.ToArray();
        LastParameters = cmEvent.Parameters;
        if (On?.Invoke(cmEvent) == true) return;
        var id = cmEvent.Id;
        node.InCall = true;
        switch (cmEvent.Type)
        {
            case CmEventType.AddressResolved:
                Assert.Null(id.ResolveRoute(Duration.FromSeconds(1)));
                break;
            case CmEventType.RouteResolved:
                Assert.Null(id.CreateQueuePair(node, Qp(id.PortSpace)));
                Assert.Null(id.Connect(Parameters));
                break;
            case CmEventType.ConnectRequest:
                Ids.Add(id);
                Assert.Null(id.CreateQueuePair(node, Qp(id.PortSpace)));
                // The peer may have given up before this event was seen; Rejected is then on its way.
                if (id.Accept(Parameters) is { } error) Assert.True(((CmId)id).ConnectionState == CmState.Closed, error.ToString());
                break;
            case CmEventType.Disconnected:
                id.Disconnect();
                if (CleansUp) id.Destroy();
                break;
            case CmEventType.Rejected or CmEventType.Unreachable or CmEventType.ConnectError or CmEventType.AddressError or CmEventType.TimewaitExit:
                if (CleansUp) id.Destroy();
                break;
        }
        node.InCall = false;
    }
}
