namespace Weft.Fabric.Verbs;

/// <summary>Completion status. Numbers of libibverbs (enum ibv_wc_status). IBA Vol 1 §11.6.2.</summary>
public enum CompletionStatus : byte
{
    Success = 0,
    LocalLengthError = 1,
    LocalQpOperationError = 2,
    LocalProtectionError = 4,
    Flushed = 5,
    MemoryWindowBindError = 6,
    BadResponse = 7,
    LocalAccessError = 8,
    RemoteInvalidRequest = 9,
    RemoteAccessError = 10,
    RemoteOperationError = 11,
    RetryExceeded = 12,
    RnrRetryExceeded = 13,
    RemoteAborted = 16,
    FatalError = 19,
    GeneralError = 21,
}

/// <summary>What completed. Numbers of libibverbs (enum ibv_wc_opcode).</summary>
public enum CompletionOpcode : byte
{
    Send = 0,
    RdmaWrite = 1,
    RdmaRead = 2,
    CompareSwap = 3,
    FetchAdd = 4,
    BindMemoryWindow = 5,
    LocalInvalidate = 6,
    RegisterMemory = 8,
    Receive = 128,
    ReceiveRdmaWithImmediate = 129,
}

/// <summary>Numbers of libibverbs (enum ibv_wc_flags).</summary>
[Flags]
public enum CompletionFlags : byte
{
    None = 0,
    Grh = 1,
    WithImmediate = 2,
    WithInvalidate = 8,
}

/// <summary>
/// One entry of a completion queue. With a status other than success only <see cref="Id"/>, <see cref="Status"/> and
/// <see cref="QueuePair"/> are valid. IBA Vol 1 §11.4.2.1.
/// </summary>
/// <param name="Id">The consumer's number from the work request.</param>
/// <param name="ByteLength">Bytes received (UD: with the 40-byte GRH area), or bytes read for RDMA READ and atomics.</param>
/// <param name="ImmediateOrKey">Immediate data as a big-endian number, or the R_Key that the peer invalidated.</param>
/// <param name="SourceQpn">UD only.</param>
public readonly record struct WorkCompletion(
    ulong Id, CompletionStatus Status, CompletionOpcode Opcode, IQueuePair QueuePair, uint ByteLength = 0,
    CompletionFlags Flags = CompletionFlags.None, uint ImmediateOrKey = 0, Qpn SourceQpn = default, PKey PKey = default, AddressVector Source = default);
