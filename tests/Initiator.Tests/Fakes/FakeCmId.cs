using Weft.Protocol.Cm;

namespace Weft.Initiator.Tests.Fakes;

internal sealed class FakeCmId : ICmId
{
    private readonly FakeDevice device;
    private readonly ILane lane;
    private bool isDestroyed;

    public FakeCmId(FakeDevice device, ICmEventHandler handler)
    {
        (this.device, Handler) = (device, handler);
        lane = device.Executor.CreateLane("cm", ChoiceKind.Dispatch);
    }

    public PortSpace PortSpace => PortSpace.Tcp;
    public IRdmaDevice Device => device;
    public IpEndpoint Local => default;
    public IpEndpoint Remote { get; private set; }
    public object? Context { get; set; }
    public IQueuePair? QueuePair => Pair;
    public AddressVector Path => default;
    public FakeQueuePair? Pair { get; private set; }
    public ICmEventHandler Handler { get; set; }
    public ConnectionParameters? Asked { get; private set; }
    public int Disconnects { get; private set; }
    /// <summary>The peer does not answer the DREQ.</summary>
    public bool IsPeerSilent { get; set; }

    public void Raise(CmEventType type, ReadOnlyMemory<byte> privateData = default, int status = 0) =>
        lane.Post(new Act(() => { if (!isDestroyed) Handler.OnCmEvent(new(type, this, null, status, privateData)); }));

    public VerbsError? Bind(IpEndpoint local) => null;
    public VerbsError? Listen(int backlog) => throw new NotSupportedException();
    public VerbsError? Listen(ServiceId service, int backlog) => throw new NotSupportedException();
    public VerbsError? UsePath(in ConnectionPath route, ServiceId service) => throw new NotSupportedException();

    public VerbsError? ResolveAddress(IpEndpoint remote, Duration timeout)
    {
        Remote = remote;
        Raise(CmEventType.AddressResolved);
        return null;
    }

    public VerbsError? ResolveRoute(Duration timeout)
    {
        Raise(CmEventType.RouteResolved);
        return null;
    }

    public VerbsError? CreateQueuePair(IProtectionDomain pd, QpInit init)
    {
        Pair = (FakeQueuePair)pd.CreateQueuePair(init);
        return null;
    }

    public VerbsError? Connect(ConnectionParameters parameters)
    {
        device.Connects++;
        Asked = parameters;
        if (device.ConnectOutcomes.TryDequeue(out var outcome) && outcome != CmEventType.Established)
        {
            if (outcome != CmEventType.ConnectRequest) Raise(outcome, status: 8); // ConnectRequest stands for silence
            return null;
        }
        Pair!.Establish();
        device.Target.OnConnect(this);
        var data = new byte[196];
        data[0] = device.PeerFlags;
        Raise(CmEventType.Established, data);
        return null;
    }

    public VerbsError? Accept(ConnectionParameters parameters) => throw new NotSupportedException();
    public VerbsError? Reject(ReadOnlySpan<byte> privateData) => throw new NotSupportedException();

    public VerbsError? Disconnect()
    {
        Disconnects++;
        Pair?.Fail();
        if (!IsPeerSilent) Raise(CmEventType.Disconnected);
        return null;
    }

    public VerbsError? NotifyCommunicationEstablished() => null;

    public void Destroy()
    {
        if (isDestroyed) throw new InvalidOperationException("CM id destroyed twice");
        isDestroyed = true;
        device.Ids.Remove(this);
        device.Executor.ReleaseLane(lane);
    }
}
