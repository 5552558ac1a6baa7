using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Faults;

/// <summary>A queue pair of a <see cref="RefusingDevice"/>: all works but the move to RTR, or one request.</summary>
internal sealed class RefusingQueuePair(RefusingDevice device, IProtectionDomain domain, IQueuePair inner) : IQueuePair
{
    public Qpn Number => inner.Number;
    public QpType Type => inner.Type;
    public QpState State => inner.State;
    public IProtectionDomain ProtectionDomain => domain;
    public ICompletionQueue SendCq => inner.SendCq;
    public ICompletionQueue ReceiveCq => inner.ReceiveCq;
    public ISharedReceiveQueue? Srq => inner.Srq;
    public object? Context { get => inner.Context; set => inner.Context = value; }

    public VerbsError? Modify(in QpAttributes attributes, QpAttributeMask mask) =>
        (mask & QpAttributeMask.State) != 0 && attributes.State == QpState.ReadyToReceive && device.Refuse() is { } refusal ? refusal : inner.Modify(attributes, mask);

    public QpAttributes Query() => inner.Query();
    public VerbsError? PostSend(in SendRequest request, ReadOnlySpan<Sge> sges)
    {
        if (sges.Length == 0 && device.RefusesSendMarker) return NoRoom;
        return request.Opcode is WorkOpcode.RdmaRead or WorkOpcode.RdmaWrite && device.RefusePost() is { } refusal ? refusal : inner.PostSend(request, sges);
    }

    public VerbsError? PostReceive(ulong id, ReadOnlySpan<Sge> sges) => sges.Length == 0 && device.RefusesReceiveMarker ? NoRoom : inner.PostReceive(id, sges);

    private static VerbsError NoRoom => new(VerbsErrorCode.QueueFull, "no entry for the marker is left");

    public VerbsError? AttachMulticast(Gid group) => inner.AttachMulticast(group);
    public VerbsError? DetachMulticast(Gid group) => inner.DetachMulticast(group);
    public void Destroy() => inner.Destroy();
}
