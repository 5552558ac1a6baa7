using Weft.Fabric.Verbs;

namespace Weft.Fabric.Tests.Engine.Cm;

/// <summary>A QP that knows the transitions a connection manager makes, and what each requires.</summary>
internal sealed class CmTestQp(CmTestNode node, Qpn number, QpInit init) : IQueuePair
{
    private QpAttributes attributes;

    public Qpn Number => number;
    public QpType Type => init.Type;
    public QpState State { get; private set; }
    public bool IsDestroyed { get; private set; }
    public IProtectionDomain ProtectionDomain => node;
    public ICompletionQueue SendCq => init.SendCq;
    public ICompletionQueue ReceiveCq => init.ReceiveCq;
    public ISharedReceiveQueue? Srq => init.Srq;
    public object? Context { get; set; }
    public List<QpState> History { get; } = [];

    public VerbsError? Modify(in QpAttributes given, QpAttributeMask mask)
    {
        Assert.False(IsDestroyed);
        Assert.True(mask.HasFlag(QpAttributeMask.State));
        if (given.State == node.RefuseState) return new(VerbsErrorCode.InvalidState, "refused by the test");
        var reliable = Type == QpType.ReliableConnected;
        var (required, optional) = (State, given.State) switch
        {
            (_, QpState.Error) => (QpAttributeMask.State, QpAttributeMask.None),
            (QpState.Reset, QpState.Init) => (
                QpAttributeMask.State | QpAttributeMask.PKeyIndex | QpAttributeMask.Port | (reliable ? QpAttributeMask.Access : QpAttributeMask.QKey),
                QpAttributeMask.None),
            (QpState.Init, QpState.ReadyToReceive) when reliable => (
                QpAttributeMask.State | QpAttributeMask.AddressVector | QpAttributeMask.PathMtu | QpAttributeMask.DestinationQpn
                | QpAttributeMask.RqPsn | QpAttributeMask.MaxDestRdAtomic | QpAttributeMask.MinRnrTimer,
                QpAttributeMask.Access | QpAttributeMask.PKeyIndex),
            (QpState.ReadyToReceive, QpState.ReadyToSend) when reliable => (
                QpAttributeMask.State | QpAttributeMask.Timeout | QpAttributeMask.RetryCount | QpAttributeMask.RnrRetry | QpAttributeMask.SqPsn
                | QpAttributeMask.MaxRdAtomic,
                QpAttributeMask.Access | QpAttributeMask.MinRnrTimer),
            (QpState.Init, QpState.ReadyToReceive) => (QpAttributeMask.State, QpAttributeMask.QKey | QpAttributeMask.PKeyIndex),
            (QpState.ReadyToReceive, QpState.ReadyToSend) => (QpAttributeMask.State | QpAttributeMask.SqPsn, QpAttributeMask.QKey),
            _ => throw new InvalidOperationException($"{State} to {given.State}"),
        };
        Assert.Equal(required, mask & required);
        Assert.Equal(QpAttributeMask.None, mask & ~(required | optional));
        if (given.State == QpState.ReadyToReceive) attributes = given;
        else if (given.State == QpState.ReadyToSend)
        {
            (attributes.SqPsn, attributes.Timeout, attributes.RetryCount) = (given.SqPsn, given.Timeout, given.RetryCount);
            (attributes.RnrRetry, attributes.MaxRdAtomic) = (given.RnrRetry, given.MaxRdAtomic);
        }
        State = given.State;
        History.Add(State);
        return null;
    }

    public QpAttributes Query() => attributes with { State = State };
    public VerbsError? PostSend(in SendRequest request, ReadOnlySpan<Sge> sges) => throw new NotSupportedException();
    public VerbsError? PostReceive(ulong id, ReadOnlySpan<Sge> sges) => throw new NotSupportedException();
    public VerbsError? AttachMulticast(Gid group) => throw new NotSupportedException();
    public VerbsError? DetachMulticast(Gid group) => throw new NotSupportedException();
    public void Destroy() => IsDestroyed = true;
}
