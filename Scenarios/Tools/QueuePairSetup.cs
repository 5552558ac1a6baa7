using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Tools;

/// <summary>What a queue pair that is connected without the CM is told of its peer and of the path.</summary>
/// <param name="OwnReads">READs and atomics at once that this side sends.</param>
/// <param name="PeerReads">READs and atomics at once that it answers.</param>
/// <param name="Timeout">Local ACK timeout: 4.096 us times 2 to this power.</param>
internal readonly record struct PeerPath(AddressVector Path, PathMtu Mtu, Qpn RemoteQpn, Psn RemotePsn, Psn LocalPsn, byte OwnReads = 1, byte PeerReads = 1,
    byte Timeout = QueuePairSetup.DefaultTimeout);

/// <summary>Moves queue pairs through their states without the CM, with the values of libibverbs' examples and of perftest.</summary>
internal static class QueuePairSetup
{
    /// <summary>67 ms.</summary>
    public const byte DefaultTimeout = 14;
    /// <summary>7 retries, RNR retries without limit, RNR timer 0.64 ms.</summary>
    private const byte Retries = 7, RnrRetries = 7, RnrTimer = 12;

    /// <summary>RESET to INIT.</summary>
    /// <exception cref="VerbsException">The device refuses.</exception>
    public static void Initialize(IQueuePair qp, AccessFlags access, QKey qKey = default) => Modify(qp, new()
    {
        State = QpState.Init, Port = 1, Access = access, QKey = qKey,
    }, QpAttributeMask.State | QpAttributeMask.Port | QpAttributeMask.PKeyIndex
        | (qp.Type == QpType.UnreliableDatagram ? QpAttributeMask.QKey : QpAttributeMask.Access));

    /// <summary>INIT to RTS. Of a datagram QP only the PSN counts.</summary>
    /// <exception cref="VerbsException">The device refuses.</exception>
    public static void Connect(IQueuePair qp, in PeerPath peer)
    {
        var isReliable = qp.Type == QpType.ReliableConnected;
        var receive = QpAttributeMask.State;
        if (qp.Type != QpType.UnreliableDatagram)
            receive |= QpAttributeMask.AddressVector | QpAttributeMask.PathMtu | QpAttributeMask.DestinationQpn | QpAttributeMask.RqPsn;
        if (isReliable) receive |= QpAttributeMask.MaxDestRdAtomic | QpAttributeMask.MinRnrTimer;
        Modify(qp, new()
        {
            State = QpState.ReadyToReceive, AddressVector = peer.Path, PathMtu = peer.Mtu, DestinationQpn = peer.RemoteQpn, RqPsn = peer.RemotePsn,
            MaxDestRdAtomic = peer.PeerReads, MinRnrTimer = RnrTimer,
        }, receive);
        var send = QpAttributeMask.State | QpAttributeMask.SqPsn;
        if (isReliable) send |= QpAttributeMask.Timeout | QpAttributeMask.RetryCount | QpAttributeMask.RnrRetry | QpAttributeMask.MaxRdAtomic;
        Modify(qp, new()
        {
            State = QpState.ReadyToSend, SqPsn = peer.LocalPsn, Timeout = peer.Timeout, RetryCount = Retries, RnrRetry = RnrRetries, MaxRdAtomic = peer.OwnReads,
        }, send);
    }

    private static void Modify(IQueuePair qp, in QpAttributes attributes, QpAttributeMask mask) => Check(qp.Modify(attributes, mask));

    /// <exception cref="VerbsException">There is an error.</exception>
    public static void Check(VerbsError? error)
    {
        if (error is not null) throw new VerbsException(error);
    }
}
