namespace Weft.Fabric.Verbs;

/// <summary>Operations of the send queue. The first eight are libibverbs' numbers (enum ibv_wr_opcode).</summary>
public enum WorkOpcode : byte
{
    RdmaWrite = 0,
    RdmaWriteWithImmediate = 1,
    Send = 2,
    SendWithImmediate = 3,
    RdmaRead = 4,
    CompareSwap = 5,
    FetchAdd = 6,
    LocalInvalidate = 7,
    BindMemoryWindow = 8,
    SendWithInvalidate = 9,
    /// <summary>Fast registration of a memory region (FRWR).</summary>
    RegisterMemory = 12,
}

/// <summary>Numbers of libibverbs (enum ibv_send_flags).</summary>
[Flags]
public enum SendFlags : byte
{
    None = 0,
    /// <summary>Starts only when all earlier READs and atomics of the queue have finished.</summary>
    Fence = 1,
    /// <summary>Produces a completion on success; errors always do.</summary>
    Signaled = 2,
    /// <summary>Sets the solicited-event bit of the last packet.</summary>
    Solicited = 4,
    /// <summary>The data is copied when posted: its memory may be changed, or its region deregistered, at once.</summary>
    Inline = 8,
}

/// <summary>
/// A send-queue work request; fields that its opcode does not use are ignored. The scatter/gather list is given beside it
/// and copied when posted. IBA Vol 1 §11.4.1.1.
/// </summary>
public record struct SendRequest
{
    /// <summary>The consumer's number, given back in the completion.</summary>
    public ulong Id;
    public WorkOpcode Opcode;
    public SendFlags Flags;
    /// <summary>Remote address of RDMA and atomics; start address (IOVA) of RegisterMemory and of a window bind.</summary>
    public ulong RemoteAddress;
    /// <summary>Remote key of RDMA and atomics; key to invalidate; new key of RegisterMemory and of a window bind.</summary>
    public RKey Key;
    /// <summary>Immediate data.</summary>
    public uint Immediate;
    /// <summary>Compare operand of CompareSwap, operand of FetchAdd.</summary>
    public ulong CompareOrAdd;
    /// <summary>Swap operand of CompareSwap.</summary>
    public ulong Swap;
    /// <summary>UD: the peer.</summary>
    public IAddressHandle? AddressHandle;
    public Qpn RemoteQpn;
    /// <summary>UD: the peer's Q_Key; a controlled key (bit 31) means the QP's own.</summary>
    public QKey RemoteQKey;
    /// <summary>RegisterMemory, and the region under a window that is bound.</summary>
    public IMemoryRegion? Region;
    /// <summary>BindMemoryWindow.</summary>
    public IMemoryWindow? Window;
    /// <summary>Access given by RegisterMemory and BindMemoryWindow.</summary>
    public AccessFlags Access;
    /// <summary>Length in bytes of a window bind; 0 unbinds.</summary>
    public ulong Length;
}
