namespace Weft.Fabric.Verbs;

/// <summary>A queue pair. IBA Vol 1 §10.2.4, §10.8.</summary>
public interface IQueuePair
{
    Qpn Number { get; }
    QpType Type { get; }
    QpState State { get; }
    IProtectionDomain ProtectionDomain { get; }
    ICompletionQueue SendCq { get; }
    ICompletionQueue ReceiveCq { get; }
    ISharedReceiveQueue? Srq { get; }
    /// <summary>The consumer's object.</summary>
    object? Context { get; set; }

    /// <summary>Moves between states as the table of IBA Vol 1 §10.3.1 allows; refused whole, or done whole.</summary>
    VerbsError? Modify(in QpAttributes attributes, QpAttributeMask mask);
    QpAttributes Query();

    /// <summary>Posts to the send queue. The list is copied. Refused in RESET, INIT, RTR, and when the queue is full.</summary>
    VerbsError? PostSend(in SendRequest request, ReadOnlySpan<Sge> sges);

    /// <summary>Posts a receive buffer. Refused in RESET, when the queue is full, and with an SRQ.</summary>
    VerbsError? PostReceive(ulong id, ReadOnlySpan<Sge> sges);

    /// <summary>Attaches a UD QP to a multicast group. IBA Vol 1 §10.5.2.</summary>
    VerbsError? AttachMulticast(Gid group);
    VerbsError? DetachMulticast(Gid group);

    /// <summary>Removes the QP; work requests still queued vanish without completions.</summary>
    void Destroy();
}
