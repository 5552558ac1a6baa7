using Weft.Protocol.Scsi;
using Weft.Target.Luns;

namespace Weft.Target.Commands;

/// <summary>
/// One SCSI command. The front end owns, pools and may derive from it; between <see cref="TargetDevice.Submit"/> and
/// <see cref="ITaskPort.Finish"/> or <see cref="ITaskPort.Drop"/> it belongs to the core, and only the three answer methods may be called.
/// </summary>
public class ScsiTask
{
    internal readonly TaskRequest Request;
    internal NexusUnit? NexusUnit;
    internal LogicalUnit? Unit;
    internal ScsiTask? Older, Younger; // the task set's list, by arrival
    internal bool IsRunning, HasEvent;
    internal bool IsAborted, AnswersTaskAborted;
    internal List<TaskManagementRequest>? Waiters; // only aborted tasks have them
    internal DataBuffer? Buffer;
    internal Sense TransferError;
    internal bool IsTransferBad;
    internal int Serial; // counts the uses of this object

    // Progress of the command, for the device server.
    internal Work Work;
    internal int Phase; // -1: not begun; then what the next step of the work is
    internal ulong Lba; // next block
    internal long Remaining; // bytes still to move
    internal long Offset; // bytes moved
    internal long Needed; // bytes the command moves when the initiator has them, or room for them
    internal int Piece; // bytes of the current move
    internal int Index; // UNMAP: next descriptor

    public ScsiTask() => Request = new(this);

    /// <summary>Identifies the command within its nexus: initiator task tag, SRP tag.</summary>
    public ulong Tag { get; set; }
    public Lun Lun { get; set; }
    /// <summary>The first 16 bytes of the CDB.</summary>
    public Cdb Cdb { get; set; }
    public TaskAttribute Attribute { get; set; }
    /// <summary>Bytes the initiator has to send: the expected data transfer length of a write, 0 for others.</summary>
    public long DataOutLength { get; set; }
    /// <summary>Bytes the initiator has room for: the expected data transfer length of a read, 0 for others.</summary>
    public long DataInLength { get; set; }
    /// <summary>For the front end's own use.</summary>
    public object? Context { get; set; }

    public Nexus? Nexus { get; internal set; }
    public TaskState State { get; private set; }

    /// <summary>The outcome, valid in <see cref="ITaskPort.Finish"/>.</summary>
    public ScsiStatus Status { get; internal set; }
    /// <summary>Why, when the status is CHECK CONDITION.</summary>
    public Sense Sense { get; internal set; }
    /// <summary>Encode <see cref="Sense"/> in descriptor format (D_SENSE of the control mode page).</summary>
    public bool IsDescriptorSense { get; internal set; }
    /// <summary>Data-out bytes the command needed beyond what the initiator had (positive: overflow), or left unused (negative: underflow).</summary>
    public long DataOutResidual { get; internal set; }
    /// <summary>Data-in bytes the command had beyond the initiator's room (positive: overflow), or less than it (negative: underflow).</summary>
    public long DataInResidual { get; internal set; }

    /// <summary>Writes the sense data; for transports that cap it, cut what is written. At most 40 bytes.</summary>
    public int WriteSense(Span<byte> target) => Status == ScsiStatus.CheckCondition ? Sense.Write(target, IsDescriptorSense) : 0;

    /// <summary>Answer: the buffer that <see cref="ITaskPort.TakeBuffer"/> refused is there now.</summary>
    public void BufferAvailable()
    {
        if (State != TaskState.AwaitBuffer) throw new InvalidOperationException($"BufferAvailable in {State}");
        Unit!.Resume(this);
    }

    /// <summary>Answer: the move that was asked for is complete.</summary>
    public void TransferDone()
    {
        RequireMove();
        Unit!.TransferEnded(this);
    }

    /// <summary>
    /// Answer: the move failed. Unless the nexus is closed as well, the command ends with this sense data, e.g. ABORTED COMMAND with
    /// <see cref="AdditionalSense.UnexpectedUnsolicitedData"/> or <see cref="AdditionalSense.DataPhaseError"/>.
    /// </summary>
    public void TransferFailed(Sense reason)
    {
        RequireMove();
        (IsTransferBad, TransferError) = (true, reason);
        Unit!.TransferEnded(this);
    }

    private void RequireMove()
    {
        if (State is not (TaskState.DataOut or TaskState.DataIn or TaskState.StopPort))
            throw new InvalidOperationException($"A move was answered in {State}: {this}");
    }

    /// <summary>The only assignment to the state. An edge that is not in the table is a fault of this program, in every build.</summary>
    internal void Enter(TaskState to)
    {
        if (!TaskStates.IsEdge(State, to)) throw new InvalidOperationException($"{State} -> {to} is no edge: {this}");
        State = to;
    }

    internal void Prepare(Nexus nexus)
    {
        Nexus = nexus;
        (Status, Sense, IsDescriptorSense) = (ScsiStatus.Good, default, false);
        (DataOutResidual, DataInResidual) = (0, 0);
        (IsAborted, AnswersTaskAborted, IsTransferBad, HasEvent) = (false, false, false, false);
        (Work, Phase, Lba, Remaining, Offset, Needed, Piece, Index) = (Work.None, -1, 0, 0, 0, 0, 0, 0);
        Waiters?.Clear();
        Serial++;
    }

    public override string ToString() => $"tag 0x{Tag:x} lun {Lun} {Cdb}";
}
