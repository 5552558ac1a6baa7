using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;
using Weft.Protocol.Srp;
using Weft.Target.Luns;
using Weft.Target.Rdma;
using Weft.Target.Sessions;

namespace Weft.Target.Srp;

/// <summary>An SRP target on one RDMA device: its names, what its channels share, and the listener that takes their logins.</summary>
public class SrpPort : ICmEventHandler, IAsyncEventHandler
{
    /// <summary>Unanswered requests that the connection manager keeps.</summary>
    private const int Backlog = 128;
    private readonly Dictionary<Qpn, SrpChannel> channels = [];
    private ICmId? listener;

    /// <summary>Takes the device into use; <see cref="Listen"/> follows.</summary>
    /// <exception cref="VerbsException">The device has not enough for the shared receive queue.</exception>
    public SrpPort(SrpTarget target, IRdmaDevice device)
    {
        (Target, Device) = (target, device);
        Domain = device.AllocateProtectionDomain();
        Pool = new(Domain, target.Options.DataPoolBytes, target.Options.MaxTransfer);
        ServiceGuid = target.Options.ServiceGuid ?? device.Attributes.NodeGuid;
        Name = SrpNames.Target(target.Options, device.QueryGid(1, 0), device.Attributes.NodeGuid, target.Ports.Count);
        if (target.Options.UseSrq) Shared = new(Domain, target.Options.SrqSize, target.Options.MaxRequestSize);
        device.AddAsyncEventHandler(this);
        target.Add(this);
    }

    public SrpTarget Target { get; }
    public IRdmaDevice Device { get; }
    /// <summary>The target's name in management.</summary>
    public string Name { get; }
    /// <summary>ioc_guid and id_ext at once, and the service id over the IB CM.</summary>
    public Guid64 ServiceGuid { get; }
    public SrpPortId TargetPortId => new(ServiceGuid.Value, ServiceGuid.Value);
    public bool IsListening => listener is not null;
    internal IProtectionDomain Domain { get; }
    internal DataPool Pool { get; }
    internal SrpSharedReceives? Shared { get; }

    /// <summary>Listens in the RDMA CM's TCP port space.</summary>
    /// <exception cref="VerbsException">The device refuses to listen there.</exception>
    public void Listen(IpEndpoint endpoint)
    {
        listener = Device.ConnectionManager.CreateId(PortSpace.Tcp, this);
        if ((listener.Bind(endpoint) ?? listener.Listen(Backlog)) is not { } error) return;
        StopListening();
        throw new VerbsException(error);
    }

    /// <summary>Listens to the IB CM, on the service that the service GUID names.</summary>
    /// <exception cref="VerbsException">The device refuses to listen there.</exception>
    public void ListenInfiniBand()
    {
        listener = Device.ConnectionManager.CreateId(PortSpace.InfiniBand, this);
        if (listener.Listen(new ServiceId(ServiceGuid.Value), Backlog) is not { } error) return;
        StopListening();
        throw new VerbsException(error);
    }

    /// <summary>Takes no further logins; channels that exist go on.</summary>
    public virtual void StopListening()
    {
        listener?.Destroy();
        listener = null;
    }

    /// <summary>Gives everything back; no channel of the port is left.</summary>
    internal void Release()
    {
        StopListening();
        Device.RemoveAsyncEventHandler(this);
        Shared?.Release();
        Pool.Release();
        Domain.Deallocate();
        Target.Remove(this);
    }

    internal void Add(SrpChannel channel, Qpn number) => channels[number] = channel;

    internal void Remove(Qpn number) => channels.Remove(number);

    void ICmEventHandler.OnCmEvent(in CmEvent cmEvent)
    {
        switch (cmEvent.Type)
        {
            case CmEventType.ConnectRequest:
                OnConnectRequest(cmEvent);
                break;
            case CmEventType.DeviceRemoval:
                StopListening();
                CloseAll(CloseReason.DeviceRemoved);
                break;
        }
    }

    private void OnConnectRequest(in CmEvent cmEvent)
    {
        if (!TryReadLogin(cmEvent.Id.PortSpace, cmEvent.PrivateData.Span, out var login))
        {
            Refuse(cmEvent.Id, null, SrpLoginRejectReason.UnableToEstablish);
            return;
        }
        var session = SrpNames.Session(Target.Options, cmEvent.Id.PortSpace, cmEvent.Id.Remote.Address, login.InitiatorPort);
        if (Check(login, session) is { } reason)
        {
            Refuse(cmEvent.Id, login, reason);
            return;
        }
        var channel = CreateChannel(cmEvent.Id, login, session);
        var (ended, kept) = EndOthers(login, channel);
        Target.Add(channel);
        channel.Accept(cmEvent, ended > 0 ? SrpMultiChannelResult.Terminated : kept > 0 ? SrpMultiChannelResult.Maintained : SrpMultiChannelResult.None);
    }

    /// <summary>The two ways in which a login travels: over the IB CM whole, over the RDMA CM, whose header takes room, compressed.</summary>
    private static bool TryReadLogin(PortSpace space, ReadOnlySpan<byte> data, out SrpLoginRequest login) =>
        space == PortSpace.InfiniBand ? SrpLoginRequest.TryRead(data, out login) : SrpLoginRequest.TryReadRdmaCm(data, out login);

    /// <summary>Why a login is refused, in the order in which the driver looks.</summary>
    private protected virtual SrpLoginRejectReason? Check(in SrpLoginRequest login, string session)
    {
        var options = Target.Options;
        if (login.MaxInitiatorToTargetLength < SrpLoginRequest.Length || login.MaxInitiatorToTargetLength > options.MaxRequestSize)
            return SrpLoginRejectReason.InformationUnitTooLong;
        if (!AcceptsLogins) return SrpLoginRejectReason.InsufficientResources;
        if (login.TargetPort != TargetPortId) return SrpLoginRejectReason.UnableToAssociate;
        if ((login.Formats & ~(SrpBufferFormats.Direct | SrpBufferFormats.Indirect)) != 0) return SrpLoginRejectReason.UnsupportedDescriptorFormat;
        if (!IsAdmitted(session)) return SrpLoginRejectReason.ChannelLimitReached;
        if (login.MultiChannelAction == SrpMultiChannelAction.Multiple)
        {
            if (!options.AllowsMultipleChannels && Count(login) > 0) return SrpLoginRejectReason.MultipleChannelsUnsupported;
            if (options.MaxChannels > 0 && Count(null) >= options.MaxChannels) return SrpLoginRejectReason.ChannelLimitReached;
        }
        else if (options.MaxChannels > 0 && Count(null) - Count(login) >= options.MaxChannels) return SrpLoginRejectReason.ChannelLimitReached;
        return null;
    }

    /// <summary>Whether the target takes logins at all.</summary>
    private protected virtual bool AcceptsLogins => Target is { IsEnabled: true, IsStopping: false };

    private bool IsAdmitted(string session)
    {
        if (Target.Options.Initiators.Count == 0) return true;
        foreach (var pattern in Target.Options.Initiators)
            if (NamePattern.Fits(pattern, session)) return true;
        return false;
    }

    /// <summary>Open channels of an I_T nexus, or of all.</summary>
    private int Count(SrpLoginRequest? login)
    {
        var count = 0;
        foreach (var channel in Target.Channels)
            if (channel.State < SrpChannelState.Draining && (login is not { } of || channel.IsOf(of))) count++;
        return count;
    }

    /// <summary>A single-channel login ends all other channels of its nexus; their commands must be over before its own begin. SRP r16a §6.2.</summary>
    private (int Ended, int Kept) EndOthers(in SrpLoginRequest login, SrpChannel successor)
    {
        var (ended, kept) = (0, 0);
        foreach (var channel in Target.Channels.ToArray())
        {
            if (!channel.IsOf(login)) continue;
            if (login.MultiChannelAction == SrpMultiChannelAction.Multiple)
            {
                if (channel.State < SrpChannelState.Draining) kept++;
                continue;
            }
            if (channel.State < SrpChannelState.Draining) ended++;
            channel.Close(CloseReason.Reinstated);
            successor.WaitFor(channel); // behind the close: one without commands is over inside it
        }
        return (ended, kept);
    }

    internal void Refuse(ICmId id, SrpLoginRequest? login, SrpLoginRejectReason reason)
    {
        Target.Observer?.LoginRefused(id.Remote.ToString(), login, reason);
        WriteReject(id, login?.Tag ?? 0, reason);
        id.Destroy();
    }

    internal static void WriteReject(ICmId id, ulong tag, SrpLoginRejectReason reason)
    {
        Span<byte> data = stackalloc byte[SrpLoginReject.Length];
        new SrpLoginReject(reason, tag, SrpBufferFormats.Direct | SrpBufferFormats.Indirect).Write(data);
        id.Reject(data);
    }

    /// <summary>Makes the channel object of a login.</summary>
    protected virtual SrpChannel CreateChannel(ICmId id, SrpLoginRequest login, string sessionName) => new(this, id, login, sessionName);

    private void CloseAll(CloseReason reason)
    {
        foreach (var channel in Target.Channels.ToArray())
            if (channel.Port == this) channel.Close(reason);
    }

    void IAsyncEventHandler.OnAsyncEvent(in AsyncEvent asyncEvent)
    {
        if (asyncEvent.Type is AsyncEventType.DeviceFatal or AsyncEventType.SrqError)
        {
            CloseAll(asyncEvent.Type == AsyncEventType.DeviceFatal ? CloseReason.DeviceRemoved : CloseReason.TransportError);
            return;
        }
        if (asyncEvent.CompletionQueue is { } queue)
        {
            foreach (var channel in Target.Channels.ToArray())
                if (channel.Owns(queue)) channel.Close(CloseReason.TransportError);
        }
        else if (asyncEvent.QueuePair is { } qp && channels.TryGetValue(qp.Number, out var found)) found.OnQueuePairEvent(asyncEvent.Type);
    }
}
