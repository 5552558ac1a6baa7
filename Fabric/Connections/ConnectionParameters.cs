namespace Weft.Fabric.Connections;

/// <summary>What two sides agree on when they connect (struct rdma_conn_param).</summary>
public sealed record ConnectionParameters
{
    /// <summary>The consumer's private data: REQ up to 56 bytes over the RDMA CM, 92 over the IB CM; REP 196, REJ 148.</summary>
    public ReadOnlyMemory<byte> PrivateData { get; init; }
    /// <summary>READs and atomics that this side accepts at once.</summary>
    public byte ResponderResources { get; init; } = 1;
    /// <summary>READs and atomics that this side wants to have outstanding.</summary>
    public byte InitiatorDepth { get; init; } = 1;
    public bool FlowControl { get; init; }
    /// <summary>0..7. Ignored by Accept: the requester's counts for both.</summary>
    public byte RetryCount { get; init; } = 7;
    /// <summary>0..7; 7 means without limit.</summary>
    public byte RnrRetryCount { get; init; } = 7;
    public bool Srq { get; init; }
    /// <summary>Q_Key of the UD port space.</summary>
    public QKey QKey { get; init; }
    /// <summary>The peer's QPN, as reported in events.</summary>
    public Qpn RemoteQpn { get; init; }
}
