using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Target.Tests.Iser;

/// <summary>A CM id that counts, and can refuse, calls to the real one.</summary>
internal sealed class ForwardingCmId(ICmId inner) : ICmId
{
    public VerbsError? RefuseAccept { get; init; }
    public VerbsError? RefuseQueuePair { get; set; }
    public int QueuePairAttempts { get; private set; }
    public int Disconnects { get; private set; }

    public PortSpace PortSpace => inner.PortSpace;
    public IRdmaDevice Device => inner.Device;
    public IpEndpoint Local => inner.Local;
    public IpEndpoint Remote => inner.Remote;
    public object? Context { get => inner.Context; set => inner.Context = value; }
    public IQueuePair? QueuePair => inner.QueuePair;
    public AddressVector Path => inner.Path;
    public ICmEventHandler Handler { get => inner.Handler; set => inner.Handler = value; }
    public VerbsError? Bind(IpEndpoint local) => inner.Bind(local);
    public VerbsError? Listen(int backlog) => inner.Listen(backlog);
    public VerbsError? Listen(ServiceId service, int backlog) => inner.Listen(service, backlog);
    public VerbsError? UsePath(in ConnectionPath route, ServiceId service) => inner.UsePath(route, service);
    public VerbsError? ResolveAddress(IpEndpoint remote, Duration timeout) => inner.ResolveAddress(remote, timeout);
    public VerbsError? ResolveRoute(Duration timeout) => inner.ResolveRoute(timeout);

    public VerbsError? CreateQueuePair(IProtectionDomain pd, QpInit init)
    {
        QueuePairAttempts++;
        return init.MaxSendWr > MaxSendWr ? RefuseQueuePair : inner.CreateQueuePair(pd, init);
    }

    /// <summary>Deepest send queue that <see cref="RefuseQueuePair"/> lets pass.</summary>
    public int MaxSendWr { get; set; } = int.MaxValue;

    public VerbsError? Connect(ConnectionParameters parameters) => inner.Connect(parameters);
    public VerbsError? Accept(ConnectionParameters parameters) => RefuseAccept ?? inner.Accept(parameters);
    public VerbsError? Reject(ReadOnlySpan<byte> privateData) => inner.Reject(privateData);

    public VerbsError? Disconnect()
    {
        Disconnects++;
        return inner.Disconnect();
    }

    public VerbsError? NotifyCommunicationEstablished() => inner.NotifyCommunicationEstablished();
    public void Destroy() => inner.Destroy();
}
