namespace Weft.Target.Sessions;

/// <summary>Bounds of a target host. Reaching one is an ordinary case.</summary>
public sealed record HostLimits
{
    /// <summary>Connections that may be between their request and full feature phase at once; further ones are turned away.</summary>
    public int MaxLogins { get; init; } = 127;
    /// <summary>From the connection request to full feature phase.</summary>
    public Duration LoginTimeout { get; init; } = Duration.FromSeconds(60);
    public int MaxPortals { get; init; } = 32;
    /// <summary>Immediate requests of one connection that may be unanswered; a further one is rejected (reason 6).</summary>
    public int MaxImmediate { get; init; } = 8;
    /// <summary>
    /// Longest data segment sent in full feature phase of a normal session, whatever was negotiated: Linux initiators post receive
    /// buffers of 128 data bytes.
    /// </summary>
    public int MaxControlData { get; init; } = 128;
    /// <summary>How long a command may wait for the initiator's unsolicited data.</summary>
    public Duration ResponseTimeout { get; init; } = Duration.FromSeconds(90);
    /// <summary>Idle time after which the target pings; <see cref="Duration.Infinite"/> or zero: never.</summary>
    public Duration NopInInterval { get; init; } = Duration.FromSeconds(30);
    /// <summary>How long the answer to a ping may take.</summary>
    public Duration NopInTimeout { get; init; } = Duration.FromSeconds(30);
    /// <summary>
    /// Pings ask for an answer. Otherwise they are only sent, as tgt does, so that the transport finds out that the peer is gone.
    /// </summary>
    public bool NopInAsksAnswer { get; init; } = true;
    /// <summary>Longest piece of data that one RDMA request moves.</summary>
    public int MaxTransfer { get; init; } = 512 * 1024;
    /// <summary>Memory for data of commands, per device. Commands wait when it is used up.</summary>
    public long DataPoolBytes { get; init; } = 128L << 20;
}
