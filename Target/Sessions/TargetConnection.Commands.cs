using Weft.Protocol.Iscsi;
using Weft.Protocol.Scsi;
using Weft.Target.Commands;
using static System.Buffers.Binary.BinaryPrimitives;
using TaskAttribute = Weft.Target.Commands.TaskAttribute;

namespace Weft.Target.Sessions;

// SCSI commands and their data; what is left to a transport is how solicited bytes travel.
public abstract partial class TargetConnection
{
    private const int MaxStaleBursts = 64;
    private static readonly Sense UnexpectedUnsolicited = new(SenseKey.AbortedCommand, AdditionalSense.UnexpectedUnsolicitedData);
    private static readonly Sense NotEnoughUnsolicited = new(SenseKey.AbortedCommand, AdditionalSense.NotEnoughUnsolicitedData);
    private static readonly Sense BadDataPhase = new(SenseKey.AbortedCommand, AdditionalSense.DataPhaseError);

    private readonly Weft.Fabric.Execution.Timer dataTimer;
    private readonly List<IscsiTask> bursts = []; // commands whose Data-Out PDUs are still coming
    private readonly Queue<uint> staleBursts = new(); // tags of aborted ones, whose PDUs may still be on the way

    /// <summary>A SCSI command begins: the transport takes from the PDU what it needs to move data.</summary>
    protected virtual void Attach(IscsiTask task, ReceivedPdu pdu)
    {
    }

    private void StartCommand(IscsiTask task, ReceivedPdu pdu)
    {
        Pdu.TryView<ScsiCommandPdu>(pdu.Bhs, out var command);
        if (command is { IsRead: true, IsWrite: true })
        {
            Reject(task, RejectReason.CommandNotSupported); // no bidirectional commands
            return;
        }
        var cdb = command.Cdb;
        task.Tag = command.InitiatorTaskTag.Value;
        task.Lun = command.Lun;
        task.Cdb = new(cdb.High, cdb.Low);
        task.Attribute = command.Attribute switch
        {
            Protocol.Iscsi.TaskAttribute.Ordered => TaskAttribute.Ordered,
            Protocol.Iscsi.TaskAttribute.HeadOfQueue => TaskAttribute.HeadOfQueue,
            Protocol.Iscsi.TaskAttribute.Aca => TaskAttribute.Aca,
            _ => TaskAttribute.Simple, // untagged is simple too, RFC 7143 §11.3.1
        };
        task.DataOutLength = command.IsWrite ? command.ExpectedDataTransferLength : 0;
        task.DataInLength = command.IsRead ? command.ExpectedDataTransferLength : 0;
        Attach(task, pdu);
        if (CheckUnsolicited(task, command, pdu) is { } refusal)
        {
            if (State == ConnectionState.FullFeature) Fail(task, refusal);
            return;
        }
        if (pdu.Data.Length > 0) Keep(task, pdu, 0);
        if (!command.Final)
        {
            task.BurstIsOpen = true;
            bursts.Add(task);
            dataTimer.Arm(Host.Executor.Now + Host.Limits.ResponseTimeout);
        }
        task.InCore = true;
        Session!.Nexus!.Target.Submit(Session.Nexus, task);
    }

    /// <summary>What the negotiation allows to come unasked. RFC 7143 §13.10, §13.11, §13.14.</summary>
    private Sense? CheckUnsolicited(IscsiTask task, in ScsiCommandPdu command, ReceivedPdu pdu)
    {
        var parameters = Session!.Parameters;
        var length = pdu.Data.Length;
        if (length > 0 && (!parameters.ImmediateData || !command.IsWrite)) return UnexpectedUnsolicited;
        if (length > Math.Min(parameters.FirstBurstLength, command.ExpectedDataTransferLength)) return UnexpectedUnsolicited;
        if (!command.Final && (parameters.InitialR2T || !command.IsWrite)) return UnexpectedUnsolicited;
        return null;
    }

    /// <summary>Ends a command that never reached the core.</summary>
    private void Fail(IscsiTask task, Sense sense)
    {
        var length = WriteSense(task, sense);
        Send(task, new ScsiResponsePdu
        {
            InitiatorTaskTag = task.Header.InitiatorTaskTag,
            Status = ScsiStatus.CheckCondition,
            Underflow = task.DataInLength + task.DataOutLength > 0,
            Residual = (uint)(task.DataInLength + task.DataOutLength),
            DataSegmentLength = length,
        }.Bhs, isCommand: true);
    }

    private static int WriteSense(IscsiTask task, Sense sense)
    {
        var data = task.ResponseData;
        var length = sense.Write(data[2..]);
        WriteUInt16BigEndian(data, (ushort)length);
        return length + 2;
    }

    private static void Keep(IscsiTask task, ReceivedPdu pdu, int offset)
    {
        pdu.IsHeld = true;
        pdu.BufferOffset = offset;
        task.Unsolicited.Add(pdu);
        task.UnsolicitedLength = offset + pdu.Data.Length;
    }

    private void ReceiveDataOut(ReceivedPdu pdu)
    {
        Pdu.TryView<DataOutPdu>(pdu.Bhs, out var data);
        var tag = data.InitiatorTaskTag.Value;
        IscsiTask? task = null;
        foreach (var candidate in bursts)
            if (candidate.Header.InitiatorTaskTag.Value == tag) task = candidate;
        if (task is null)
        {
            if (!staleBursts.Contains(tag))
                Close(CloseReason.ProtocolError, new("data-out", "RFC 7143 §11.7", $"Data-Out for ITT {data.InitiatorTaskTag}, which expects none"));
            return;
        }
        var fits = data.BufferOffset == (uint)task.UnsolicitedLength && data.DataSn == task.NextDataSn && data.TargetTransferTag.IsReserved
            && task.UnsolicitedLength + (long)pdu.Data.Length <= Math.Min(Session!.Parameters.FirstBurstLength, task.DataOutLength);
        if (!fits)
        {
            Close(CloseReason.ProtocolError, new("data-out", "RFC 7143 §11.7",
                $"ITT {data.InitiatorTaskTag} TTT {data.TargetTransferTag} DataSN {data.DataSn} offset {data.BufferOffset}, expected {task.NextDataSn} and {task.UnsolicitedLength}"));
            return;
        }
        task.NextDataSn++;
        if (pdu.Data.Length > 0) Keep(task, pdu, task.UnsolicitedLength);
        if (data.Final) CloseBurst(task);
        else dataTimer.Arm(Host.Executor.Now + Host.Limits.ResponseTimeout);
        if (task.FinishIsDue)
        {
            if (!task.BurstIsOpen) Answer(task);
        }
        else if (task.WaitsForBurst)
        {
            ContinueFetch(task);
        }
    }

    private void CloseBurst(IscsiTask task)
    {
        task.BurstIsOpen = false;
        bursts.Remove(task);
        if (bursts.Count == 0) dataTimer.Cancel();
    }

    void ITaskPort.FetchDataOut(ScsiTask scsi, long offset, DataBuffer buffer, int length)
    {
        var task = (IscsiTask)scsi;
        (task.MoveBuffer, task.MoveOffset, task.MoveLength) = (buffer, offset, length);
        ContinueFetch(task);
    }

    /// <summary>Takes what came unasked; waits for the rest of the burst; then has the remainder fetched.</summary>
    private void ContinueFetch(IscsiTask task)
    {
        task.WaitsForBurst = false;
        if (State >= ConnectionState.Closing)
        {
            task.TransferFailed(BadDataPhase);
            return;
        }
        var end = task.MoveOffset + task.MoveLength;
        if (end > task.UnsolicitedLength && task.BurstIsOpen)
        {
            task.WaitsForBurst = true;
            return;
        }
        var buffer = task.MoveBuffer!;
        var taken = IsInPlace(task, buffer, task.MoveOffset) ? task.MoveLength : TakeUnsolicited(task, task.MoveOffset, buffer.Memory.Span[..task.MoveLength]);
        if (taken == task.MoveLength)
        {
            task.MoveBuffer = null;
            task.TransferDone();
            return;
        }
        FetchSolicited(task, task.MoveOffset + taken - task.UnsolicitedLength, buffer, taken, task.MoveLength - taken);
    }

    /// <summary>The buffer lent is the receive buffer itself, from an offset of the command's data-out on.</summary>
    protected virtual bool IsInPlace(IscsiTask task, DataBuffer buffer, long offset) => false;

    /// <summary>The first held PDU, if it alone carries the whole of the command's data-out.</summary>
    protected static ReceivedPdu? WholeDataOut(IscsiTask task) =>
        task is { BurstIsOpen: false, Unsolicited.First: { } pdu } && pdu.Data.Length == task.DataOutLength ? pdu : null;

    private int TakeUnsolicited(IscsiTask task, long offset, Span<byte> target)
    {
        var taken = 0;
        while (taken < target.Length && task.Unsolicited.First is { } pdu)
        {
            var from = (int)(offset + taken - pdu.BufferOffset);
            var length = Math.Min(pdu.Data.Length - from, target.Length - taken);
            if (length > 0) pdu.Data.Span.Slice(from, length).CopyTo(target[taken..]);
            taken += Math.Max(0, length);
            if (from + length < pdu.Data.Length) break;
            task.Unsolicited.Take();
            DropHeld(pdu);
        }
        return taken;
    }

    private void DropUnsolicited(IscsiTask task)
    {
        while (!task.Unsolicited.IsEmpty) DropHeld(task.Unsolicited.Take());
    }

    void ITaskPort.SendDataIn(ScsiTask scsi, long offset, DataBuffer buffer, int length, bool isLast)
    {
        var task = (IscsiTask)scsi;
        if (State >= ConnectionState.Closing) task.TransferFailed(BadDataPhase);
        else PlaceDataIn(task, offset, buffer, length, isLast);
    }

    /// <summary>The transport's answer to a move.</summary>
    protected void MoveDone(IscsiTask task, bool succeeded)
    {
        task.MoveBuffer = null;
        if (succeeded) task.TransferDone();
        else task.TransferFailed(BadDataPhase);
    }

    /// <summary>The initiator offered no memory for the data that the command has to move.</summary>
    protected void MoveImpossible(IscsiTask task, bool isOut)
    {
        task.MoveBuffer = null;
        task.TransferFailed(isOut ? NotEnoughUnsolicited : BadDataPhase);
    }

    void ITaskPort.StopTransfer(ScsiTask scsi)
    {
        var task = (IscsiTask)scsi;
        if (!task.WaitsForBurst && !StopMove(task)) return;
        task.WaitsForBurst = false;
        MoveDone(task, succeeded: false);
    }

    void ITaskPort.Finish(ScsiTask scsi)
    {
        var task = (IscsiTask)scsi;
        task.InCore = false;
        DropUnsolicited(task);
        if (task.BurstIsOpen && State < ConnectionState.Closing) task.FinishIsDue = true; // data that is on its way belongs to this command
        else Answer(task);
    }

    private void Answer(IscsiTask task)
    {
        task.FinishIsDue = false;
        DropUnsolicited(task);
        var residual = task.Header.Has(1, 0x40) ? task.DataInResidual : task.DataOutResidual;
        var length = 0;
        if (task.Status == ScsiStatus.CheckCondition)
        {
            var data = task.ResponseData;
            length = task.WriteSense(data[2..]);
            WriteUInt16BigEndian(data, (ushort)length);
            length += 2;
        }
        Send(task, new ScsiResponsePdu
        {
            InitiatorTaskTag = task.Header.InitiatorTaskTag,
            Status = task.Status,
            Overflow = residual > 0,
            Underflow = residual < 0,
            Residual = (uint)Math.Abs(residual),
            DataSegmentLength = length,
        }.Bhs, isCommand: true);
    }

    void ITaskPort.Drop(ScsiTask scsi)
    {
        var task = (IscsiTask)scsi;
        task.InCore = false;
        DropUnsolicited(task);
        if (task.BurstIsOpen)
        {
            CloseBurst(task);
            if (staleBursts.Count == MaxStaleBursts) staleBursts.Dequeue();
            staleBursts.Enqueue(task.Header.InitiatorTaskTag.Value);
        }
        ReleaseWindow(task);
        EndDropped(task);
    }

    /// <summary>An aborted command gets no answer; its context is free when the transport has nothing of it.</summary>
    protected virtual void EndDropped(IscsiTask task) => ResponseSent(task);

    private void StartManagement(IscsiTask task)
    {
        Pdu.TryView<TaskManagementRequestPdu>(task.Header, out var request);
        var core = Map(request.Function, Session!.Parameters.ProtocolLevel >= 2);
        if (core is not { } function)
        {
            AnswerManagement(task, request.Function == Protocol.Iscsi.TaskManagementFunction.TaskReassign
                ? TaskManagementResponseCode.AllegianceReassignmentNotSupported
                : TaskManagementResponseCode.FunctionNotSupported);
            return;
        }
        task.Management ??= new();
        task.Management.Context = task;
        task.Management.Function = function;
        task.Management.Lun = request.Lun;
        task.Management.ReferencedTag = request.ReferencedTaskTag.Value;
        AbortWaiting(request);
        task.InCore = true;
        Session.Nexus!.Target.Manage(Session.Nexus, task.Management);
    }

    private static Commands.TaskManagementFunction? Map(Protocol.Iscsi.TaskManagementFunction function, bool level2) => function switch
    {
        Protocol.Iscsi.TaskManagementFunction.AbortTask => Commands.TaskManagementFunction.AbortTask,
        Protocol.Iscsi.TaskManagementFunction.AbortTaskSet => Commands.TaskManagementFunction.AbortTaskSet,
        Protocol.Iscsi.TaskManagementFunction.ClearAca => Commands.TaskManagementFunction.ClearAca,
        Protocol.Iscsi.TaskManagementFunction.ClearTaskSet => Commands.TaskManagementFunction.ClearTaskSet,
        Protocol.Iscsi.TaskManagementFunction.LogicalUnitReset => Commands.TaskManagementFunction.LogicalUnitReset,
        Protocol.Iscsi.TaskManagementFunction.TargetWarmReset => Commands.TaskManagementFunction.TargetWarmReset,
        Protocol.Iscsi.TaskManagementFunction.TargetColdReset => Commands.TaskManagementFunction.TargetColdReset,
        Protocol.Iscsi.TaskManagementFunction.QueryTask when level2 => Commands.TaskManagementFunction.QueryTask,
        Protocol.Iscsi.TaskManagementFunction.QueryTaskSet when level2 => Commands.TaskManagementFunction.QueryTaskSet,
        Protocol.Iscsi.TaskManagementFunction.ItNexusReset when level2 => Commands.TaskManagementFunction.NexusReset,
        Protocol.Iscsi.TaskManagementFunction.QueryAsyncEvent when level2 => Commands.TaskManagementFunction.QueryAsynchronousEvent,
        _ => null,
    };

    /// <summary>Commands that arrived before the function but have not reached the core are part of the task set too.</summary>
    private void AbortWaiting(in TaskManagementRequestPdu request)
    {
        for (var pdu = waiting.First; pdu is not null; pdu = pdu.Next)
            if (IsMeant(request, pdu.Bhs)) pdu.IsAborted = true;
        for (var i = 0; i < ahead.Length; i++)
        {
            if (ahead[i] is not { } pdu || !IsMeant(request, pdu.Bhs)) continue;
            ahead[i] = null; // its number counts as received; TryTakeHeld will pass it
            DropHeld(pdu);
        }
    }

    private static bool IsMeant(in TaskManagementRequestPdu request, in Bhs command)
    {
        if (command.Opcode != IscsiOpcode.ScsiCommand) return false;
        if (request.Function == Protocol.Iscsi.TaskManagementFunction.AbortTask) return command.InitiatorTaskTag == request.ReferencedTaskTag;
        var earlier = new CmdSn(command.U32(24)) < request.CmdSn || command.Immediate;
        return earlier && request.Function switch
        {
            Protocol.Iscsi.TaskManagementFunction.AbortTaskSet or Protocol.Iscsi.TaskManagementFunction.ClearTaskSet
                or Protocol.Iscsi.TaskManagementFunction.LogicalUnitReset => IscsiTask.LunOf(command) == request.Lun,
            Protocol.Iscsi.TaskManagementFunction.TargetWarmReset or Protocol.Iscsi.TaskManagementFunction.TargetColdReset
                or Protocol.Iscsi.TaskManagementFunction.ItNexusReset => true,
            _ => false,
        };
    }

    void ITaskPort.ManagementDone(Commands.TaskManagementRequest done)
    {
        var task = (IscsiTask)done.Context!;
        task.InCore = false;
        Pdu.TryView<TaskManagementRequestPdu>(task.Header, out var request);
        var response = done.Response switch
        {
            TaskManagementResponse.FunctionComplete => TaskManagementResponseCode.Complete,
            TaskManagementResponse.FunctionSucceeded => TaskManagementResponseCode.FunctionSucceeded,
            TaskManagementResponse.TaskDoesNotExist when State < ConnectionState.LoggingOut => ResolveMissing(request),
            TaskManagementResponse.TaskDoesNotExist => TaskManagementResponseCode.TaskDoesNotExist,
            TaskManagementResponse.LunDoesNotExist => TaskManagementResponseCode.LunDoesNotExist,
            _ => TaskManagementResponseCode.FunctionNotSupported,
        };
        if (done.Function == Commands.TaskManagementFunction.TargetColdReset && response == TaskManagementResponseCode.Complete)
            (task.ClosesConnection, task.ClosesWith) = (true, CloseReason.ColdReset);
        AnswerManagement(task, response);
        if (task.ClosesWith == CloseReason.ColdReset && Session?.Target is { } target)
            foreach (var session in Host.Sessions.ToArray())
                if (session.Target == target && session.Connection != this) session.Connection.Close(CloseReason.ColdReset);
    }

    /// <summary>
    /// ABORT TASK of a tag that is not in the task set: if its command number is still to come, it counts as received and the function
    /// succeeds; a command that waited here was just aborted. RFC 7143 §11.5.1.
    /// </summary>
    private TaskManagementResponseCode ResolveMissing(in TaskManagementRequestPdu request)
    {
        for (var pdu = waiting.First; pdu is not null; pdu = pdu.Next)
            if (pdu.IsAborted && pdu.Bhs.InitiatorTaskTag == request.ReferencedTaskTag) return TaskManagementResponseCode.Complete;
        var window = Session!.Window;
        if (request.Function != Protocol.Iscsi.TaskManagementFunction.AbortTask || !window.IsInside(request.RefCmdSn)) return TaskManagementResponseCode.TaskDoesNotExist;
        if (ahead.Length == 0) ahead = new ReceivedPdu?[RoundUp(window.Depth)];
        switch (window.Skip(request.RefCmdSn))
        {
            case WindowVerdict.Ready:
                window.Release();
                ExecuteHeld();
                break;
        }
        return TaskManagementResponseCode.Complete;
    }

    private void AnswerManagement(IscsiTask task, TaskManagementResponseCode response) =>
        Send(task, new TaskManagementResponsePdu { Response = response, InitiatorTaskTag = task.Header.InitiatorTaskTag });
}
