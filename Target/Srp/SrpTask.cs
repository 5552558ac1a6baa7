using Weft.Fabric.Verbs;
using Weft.Protocol.Srp;
using Weft.Target.Commands;
using Weft.Target.Rdma;

namespace Weft.Target.Srp;

/// <summary>
/// The context of a request, from its arrival to the completion of its answer: a command, or a task management function. Pooled per
/// channel, each with a response buffer of its own.
/// </summary>
internal sealed class SrpTask(RegisteredRegion region, int offset, int length) : ScsiTask, IBufferUser
{
    public readonly TaskManagementRequest Management = new();
    /// <summary>The request, which stays here until it is answered.</summary>
    public SrpReceive? Receive;
    public byte SolicitedNotification;
    public SrpDescriptorList Out, In;
    /// <summary>Data-out that stands in the request.</summary>
    public Memory<byte> Immediate;
    /// <summary>Immediate data, lent to the command core where they arrived.</summary>
    public readonly DataBufferView InPlace = new();

    /// <summary>The buffer that a table of descriptors is fetched into; the task is not in the core before that is done.</summary>
    public RegisteredBuffer? Table;
    public SrpDescriptor RemoteTable;
    public bool AwaitsTable;

    /// <summary>Work requests that have not completed: RDMA and answer alike. The task is free only at zero.</summary>
    public int PendingWork;
    /// <summary>Of these, the ones that the current move waits for.</summary>
    public int PendingMoves;
    public bool MoveFailed;
    /// <summary>The answer is posted, or there is none: the task ends with its last work request.</summary>
    public bool IsEnding;
    /// <summary>The last piece of a read is answered before it has left; its buffer goes back when it has.</summary>
    public RegisteredBuffer? WireBuffer;
    public bool HoldsWireBuffer;
    public SrpTask? Next;

    public int WantedBuffer { get; set; }
    public RegisteredBuffer? GrantedBuffer { get; set; }
    public bool WaitsForBuffer => AwaitsTable || State == TaskState.AwaitBuffer;
    /// <summary>Called when the buffer for a table is there.</summary>
    public Action<SrpTask>? TableAvailable { get; init; }

    void IBufferUser.BufferAvailable()
    {
        if (AwaitsTable) TableAvailable!(this);
        else BufferAvailable();
    }

    /// <summary>The response buffer.</summary>
    public Span<byte> Response => region.Memory.AsSpan(offset, length);
    /// <summary>Its first bytes, to be sent.</summary>
    public Sge ResponseSge(int bytes) => region.Sge(offset, bytes);

    public void Begin(SrpReceive receive)
    {
        (Receive, SolicitedNotification, Out, In, Immediate) = (receive, 0, default, default, default);
        (PendingWork, PendingMoves, MoveFailed, IsEnding) = (0, 0, false, false);
    }
}
