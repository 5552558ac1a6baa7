using Weft.Protocol.Iser;
using Weft.Target.Commands;
using Weft.Target.Rdma;
using Weft.Target.Sessions;

namespace Weft.Target.Iser;

/// <summary>A request over iSER: the memory that the initiator advertised, and what of the task is with the device.</summary>
internal sealed class IserTask(SendBuffer response) : IscsiTask, IBufferUser
{
    public SendBuffer Response { get; } = response;
    public override Span<byte> ResponseData => Response.Data;

    public IserHeader Advertised;
    /// <summary>Work requests of the task that have not completed: RDMA and answer alike. The task is free only at zero.</summary>
    public int PendingWork;
    /// <summary>Of these, the ones that the current move waits for.</summary>
    public int PendingMoves;
    public bool MoveFailed;
    /// <summary>The answer is posted, or there is none: the task ends with its last work request.</summary>
    public bool IsEnding;
    /// <summary>The last piece of a read is answered before it has left; its buffer goes back when it has.</summary>
    public RegisteredBuffer? WireBuffer;
    public bool HoldsWireBuffer;
    public readonly DataBufferView InPlace = new();
    public int WantedBuffer { get; set; }
    public RegisteredBuffer? GrantedBuffer { get; set; }

    protected internal override bool IsQuiet => PendingWork == 0;
    public bool WaitsForBuffer => State == TaskState.AwaitBuffer;
}
