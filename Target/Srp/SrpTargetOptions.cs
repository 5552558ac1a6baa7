using Weft.Protocol.Srp;

namespace Weft.Target.Srp;

/// <summary>Parameters of an SRP target, with ib_srpt's names in their descriptions and its defaults.</summary>
public sealed record SrpTargetOptions
{
    /// <summary>Room for immediate data at the highest offset that is taken: 80 + 4 + 8192.</summary>
    public const int DefaultMaxRequestSize = 8276;
    /// <summary>The older default: a command with a table of 255 descriptors.</summary>
    public const int OldMaxRequestSize = 4148;
    public const int MinMaxRequestSize = 996;
    public const int MinMaxResponseSize = SrpResponse.Length + 4;
    public const int MinSendQueueSize = 16;
    public const int MinSrqSize = 4;

    /// <summary>Longest information unit taken from an initiator, bytes, at least 996 (srp_max_req_size).</summary>
    public int MaxRequestSize { get; init; } = DefaultMaxRequestSize;
    /// <summary>Longest response, bytes, at least 40; sense data is cut to fit (srp_max_rsp_size).</summary>
    public int MaxResponseSize { get; init; } = 256;
    /// <summary>Longest single RDMA transfer, bytes, 256..2^24 (srp_max_rdma_size).</summary>
    public int MaxRdmaSize { get; init; } = 65536;
    /// <summary>Send queue of a channel, requests, at least 16; halved down to that when the device is short of memory (srpt_sq_size).</summary>
    public int SendQueueSize { get; init; } = 4096;
    /// <summary>One receive queue for all channels of a device (use_srq).</summary>
    public bool UseSrq { get; init; }
    /// <summary>Its buffers, 4..65535 (srpt_srq_size).</summary>
    public int SrqSize { get; init; } = 4095;
    /// <summary>Requests that a channel may have open: the request limit. The driver takes min(128, what the device allows).</summary>
    public int QueueDepth { get; init; } = 128;
    /// <summary>How much of the request limit the login grants; the rest follows by SRP_CRED_REQ when the channel is live. 0: all of it.</summary>
    public int LoginGrant { get; init; }
    /// <summary>Names the target by port, and sessions by the initiator's address; otherwise by device and by initiator port identifier.</summary>
    public bool OneTargetPerPort { get; init; } = true;
    /// <summary>Without <see cref="OneTargetPerPort"/>: the target is named by the node GUID, not by a running number.</summary>
    public bool UseNodeGuidInTargetName { get; init; }
    /// <summary>TCP port of the RDMA CM's space that is listened on; 0: none (rdma_cm_port).</summary>
    public ushort RdmaCmPort { get; init; } = 5555;
    /// <summary>The service GUID, which is the ioc_guid, the id_ext and the IB service id; none: the node GUID of the device (srpt_service_guid).</summary>
    public Guid64? ServiceGuid { get; init; }
    /// <summary>Whether an initiator port may have several channels; if not, further ones are refused with reason 0x10005.</summary>
    public bool AllowsMultipleChannels { get; init; } = true;
    /// <summary>Channels of the whole target; one more is refused with reason 0x10006. 0: no limit.</summary>
    public int MaxChannels { get; init; }
    /// <summary>Session names that may log in, as patterns with <c>*</c> and <c>?</c>; others are refused with reason 0x10006. None: all.</summary>
    public IReadOnlyList<string> Initiators { get; init; } = [];
    /// <summary>
    /// How long a work request may be without a completion before its channel is given up: more than the 60.129 s that a queue pair with ACK
    /// timeout 18 and 7 retries may take.
    /// </summary>
    public Duration CompletionTimeout { get; init; } = Duration.FromSeconds(80);
    /// <summary>Longest piece of data that one move of the command core handles.</summary>
    public int MaxTransfer { get; init; } = 512 * 1024;
    /// <summary>Memory for data of commands, per device. Commands wait when it is used up.</summary>
    public long DataPoolBytes { get; init; } = 128L << 20;

    /// <summary>What is out of range, as a sentence that names the parameter; null when all is well.</summary>
    public string? Problem() =>
        MaxRequestSize < MinMaxRequestSize ? $"srp_max_req_size is at least {MinMaxRequestSize}, not {MaxRequestSize}"
        : MaxResponseSize < MinMaxResponseSize ? $"srp_max_rsp_size is at least {MinMaxResponseSize}, not {MaxResponseSize}"
        : MaxRdmaSize is < 256 or > 1 << 24 ? $"srp_max_rdma_size is 256..{1 << 24}, not {MaxRdmaSize}"
        : SendQueueSize < MinSendQueueSize ? $"srpt_sq_size is at least {MinSendQueueSize}, not {SendQueueSize}"
        : SrqSize is < MinSrqSize or > 65535 ? $"srpt_srq_size is {MinSrqSize}..65535, not {SrqSize}"
        : QueueDepth is < 2 or > 4096 ? $"the queue depth is 2..4096, not {QueueDepth}"
        : LoginGrant < 0 || LoginGrant == 1 || LoginGrant > QueueDepth ? $"the login grants 2..{QueueDepth} requests, not {LoginGrant}"
        : null;
}
