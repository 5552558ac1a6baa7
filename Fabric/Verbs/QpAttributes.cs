namespace Weft.Fabric.Verbs;

/// <summary>Which fields of <see cref="QpAttributes"/> are given. Bits of libibverbs (enum ibv_qp_attr_mask).</summary>
[Flags]
public enum QpAttributeMask
{
    None = 0,
    State = 1 << 0,
    CurrentState = 1 << 1,
    EnableDrainedNotify = 1 << 2,
    Access = 1 << 3,
    PKeyIndex = 1 << 4,
    Port = 1 << 5,
    QKey = 1 << 6,
    AddressVector = 1 << 7,
    PathMtu = 1 << 8,
    Timeout = 1 << 9,
    RetryCount = 1 << 10,
    RnrRetry = 1 << 11,
    RqPsn = 1 << 12,
    MaxRdAtomic = 1 << 13,
    AlternatePath = 1 << 14,
    MinRnrTimer = 1 << 15,
    SqPsn = 1 << 16,
    MaxDestRdAtomic = 1 << 17,
    PathMigrationState = 1 << 18,
    DestinationQpn = 1 << 20,
}

/// <summary>Attributes of a queue pair, for Modify and Query. IBA Vol 1 §11.2.5.2.</summary>
public record struct QpAttributes
{
    public QpState State;
    public QpState CurrentState;
    public bool EnableDrainedNotify;
    /// <summary>Remote operations that the QP admits.</summary>
    public AccessFlags Access;
    public ushort PKeyIndex;
    public byte Port;
    public QKey QKey;
    public AddressVector AddressVector;
    public PathMtu PathMtu;
    /// <summary>Local ACK timeout, 0..31: 4.096 us × 2^n; 0 waits for ever.</summary>
    public byte Timeout;
    /// <summary>0..7 retries after a timeout or sequence NAK.</summary>
    public byte RetryCount;
    /// <summary>0..7 retries after an RNR NAK; 7 means without limit.</summary>
    public byte RnrRetry;
    public Psn RqPsn;
    public Psn SqPsn;
    /// <summary>READs and atomics that this side may have outstanding.</summary>
    public byte MaxRdAtomic;
    /// <summary>READs and atomics of the peer that this side remembers.</summary>
    public byte MaxDestRdAtomic;
    /// <summary>RNR timer code 0..31 that this side asks for; 0 is the longest, 655.36 ms.</summary>
    public byte MinRnrTimer;
    public Qpn DestinationQpn;
}
