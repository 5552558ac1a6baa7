using Weft.Fabric.Verbs;
using static Weft.Fabric.Verbs.QpAttributeMask;
using static Weft.Fabric.Verbs.QpState;
using static Weft.Fabric.Verbs.QpType;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>
/// Modify QP: IBA Vol 1 §10.3.1, §11.2.5.3, with the attributes that Linux requires and admits. Alternate paths and path migration
/// are not offered, so their attributes are in no row.
/// </summary>
internal static class QpTransitions
{
    private const QpAttributeMask No = QpAttributeMask.None;

    public static readonly IReadOnlyList<QpTransition> All =
    [
        new(ReliableConnected, Reset, Init, PKeyIndex | Port | Access, No),
        new(ReliableConnected, Init, Init, No, PKeyIndex | Port | Access),
        new(ReliableConnected, Init, ReadyToReceive,
            QpAttributeMask.AddressVector | QpAttributeMask.PathMtu | DestinationQpn | RqPsn | MaxDestRdAtomic | MinRnrTimer, Access | PKeyIndex),
        new(ReliableConnected, ReadyToReceive, ReadyToSend, QpAttributeMask.Timeout | RetryCount | RnrRetry | SqPsn | MaxRdAtomic,
            CurrentState | Access | MinRnrTimer),
        new(ReliableConnected, ReadyToSend, ReadyToSend, No, CurrentState | Access | MinRnrTimer),
        new(ReliableConnected, ReadyToSend, SendQueueDrained, No, EnableDrainedNotify),
        new(ReliableConnected, SendQueueDrained, ReadyToSend, No, CurrentState | Access | MinRnrTimer),
        new(ReliableConnected, SendQueueDrained, SendQueueDrained, No,
            Port | QpAttributeMask.AddressVector | QpAttributeMask.Timeout | RetryCount | RnrRetry | MaxRdAtomic | MaxDestRdAtomic | Access | PKeyIndex | MinRnrTimer),

        new(UnreliableConnected, Reset, Init, PKeyIndex | Port | Access, No),
        new(UnreliableConnected, Init, Init, No, PKeyIndex | Port | Access),
        new(UnreliableConnected, Init, ReadyToReceive, QpAttributeMask.AddressVector | QpAttributeMask.PathMtu | DestinationQpn | RqPsn, Access | PKeyIndex),
        new(UnreliableConnected, ReadyToReceive, ReadyToSend, SqPsn, CurrentState | Access),
        new(UnreliableConnected, ReadyToSend, ReadyToSend, No, CurrentState | Access),
        new(UnreliableConnected, ReadyToSend, SendQueueDrained, No, EnableDrainedNotify),
        new(UnreliableConnected, SendQueueDrained, ReadyToSend, No, CurrentState | Access),
        new(UnreliableConnected, SendQueueDrained, SendQueueDrained, No, QpAttributeMask.AddressVector | Access | PKeyIndex),
        new(UnreliableConnected, SendQueueError, ReadyToSend, No, CurrentState | Access),

        new(UnreliableDatagram, Reset, Init, PKeyIndex | Port | QpAttributeMask.QKey, No),
        new(UnreliableDatagram, Init, Init, No, PKeyIndex | Port | QpAttributeMask.QKey),
        new(UnreliableDatagram, Init, ReadyToReceive, No, PKeyIndex | QpAttributeMask.QKey),
        new(UnreliableDatagram, ReadyToReceive, ReadyToSend, SqPsn, CurrentState | QpAttributeMask.QKey),
        new(UnreliableDatagram, ReadyToSend, ReadyToSend, No, CurrentState | QpAttributeMask.QKey),
        new(UnreliableDatagram, ReadyToSend, SendQueueDrained, No, EnableDrainedNotify),
        new(UnreliableDatagram, SendQueueDrained, ReadyToSend, No, CurrentState | QpAttributeMask.QKey),
        new(UnreliableDatagram, SendQueueDrained, SendQueueDrained, No, PKeyIndex | QpAttributeMask.QKey),
        new(UnreliableDatagram, SendQueueError, ReadyToSend, No, CurrentState | QpAttributeMask.QKey),
    ];

    /// <summary>The edge between two states, if there is one. Every state goes to RESET, and every one but RESET to ERROR, without attributes.</summary>
    public static bool TryFind(QpType type, QpState from, QpState to, out QpTransition transition)
    {
        transition = new(type, from, to, No, No);
        if (to == Reset || (to == Error && from != Reset)) return true;
        foreach (var candidate in All)
        {
            if (candidate.Type != type || candidate.From != from || candidate.To != to) continue;
            transition = candidate;
            return true;
        }
        return false;
    }
}
