using Weft.Fabric.Verbs;
using Weft.Protocol.Scsi;
using Weft.Protocol.Srp;
using Weft.Target.Commands;
using Weft.Target.Sessions;

namespace Weft.Target.Srp;

// Requests of the initiator, their answers, and the request limit.
public partial class SrpChannel
{
    private static readonly Sense BadDescriptors = new(SenseKey.IllegalRequest, AdditionalSense.InvalidFieldInCdb);
    private static readonly Sense BadDataPhase = new(SenseKey.AbortedCommand, AdditionalSense.DataPhaseError);

    private SrpReceiveLine waiting;
    private int creditsOwed; // places of requests that ended without a response
    private bool isCreditOpen, isTableOpen;
    private ulong creditTag;

    /// <summary>
    /// Before the channel is live, requests wait; so does every later one while an earlier one waits, or it would overtake. A request may
    /// also come before the completion of the response whose credit it uses was seen: then there is no context free, and it waits for that.
    /// </summary>
    private protected virtual bool MustWait(bool isLive, bool areOthersWaiting, bool hasContext) => !isLive || areOthersWaiting || !hasContext;

    private bool MustWait(SrpReceive slot)
    {
        // an answer to a request of ours needs no context and is in no order with requests
        if (slot.Received > 0 && slot.Unit.Span[0] is (byte)SrpOpcode.CreditResponse or (byte)SrpOpcode.AsyncEventResponse) return false;
        return MustWait(State == SrpChannelState.Live && predecessors.Count == 0 && !isTableOpen, !waiting.IsEmpty, HasFreeTask);
    }

    private void Hold(SrpReceive slot)
    {
        waiting.Add(slot);
        Target.Observer?.RequestHeld(this);
    }

    /// <summary>Handles what waits, as far as may be.</summary>
    private protected virtual void TakeWaiting()
    {
        while (TakeOneWaiting())
        {
        }
    }

    private protected bool TakeOneWaiting()
    {
        if (waiting.IsEmpty || State != SrpChannelState.Live || predecessors.Count > 0 || isTableOpen || !HasFreeTask) return false;
        Handle(waiting.Take());
        return true;
    }

    private void Handle(SrpReceive slot)
    {
        var unit = slot.Unit.Span;
        var opcode = unit.IsEmpty ? (SrpOpcode)0xFF : (SrpOpcode)unit[0];
        switch (opcode)
        {
            case SrpOpcode.Command when SrpCommand.TryRead(unit, out var command):
                StartCommand(TakeTask(slot), command, slot.Unit);
                break;
            case SrpOpcode.TaskManagement when SrpTaskManagement.TryRead(unit, out var request):
                StartManagement(TakeTask(slot), request);
                break;
            case SrpOpcode.InitiatorLogout:
                ReturnReceive(slot);
                Close(CloseReason.Logout);
                break;
            case SrpOpcode.CreditResponse:
                ReturnReceive(slot);
                if (SrpNotice.TryRead(slot.Unit.Span, out var answer) && answer.Tag == creditTag) isCreditOpen = false;
                OfferCredits();
                break;
            default:
                // what cannot be read is ignored, as the driver does; a request took its place from the limit all the same
                ReturnReceive(slot);
                if (opcode is SrpOpcode.Command or SrpOpcode.TaskManagement) creditsOwed++;
                OfferCredits();
                break;
        }
    }

    private void StartCommand(SrpTask task, in SrpCommand command, Memory<byte> unit)
    {
        task.SolicitedNotification = command.SolicitedNotification;
        task.Tag = command.Tag;
        task.Lun = new(command.Lun);
        task.Cdb = new(command.CdbLow, command.CdbHigh);
        task.Attribute = (command.AttributeByte & 7) switch
        {
            0 => TaskAttribute.Simple,
            1 => TaskAttribute.HeadOfQueue,
            4 => TaskAttribute.Aca,
            _ => TaskAttribute.Ordered,
        };
        if (!TryDescribe(task, command, unit, out var table))
        {
            (task.DataOutLength, task.DataInLength) = (0, 0);
            Fail(task, BadDescriptors);
            return;
        }
        (task.DataOutLength, task.DataInLength) = (task.Out.TotalLength, task.In.TotalLength);
        if (table.Size == 0) Target.Device.Submit(nexus!, task);
        else BeginTable(task, table);
    }

    /// <summary>Ends a command that never reached the core.</summary>
    private void Fail(SrpTask task, Sense sense)
    {
        var length = sense.Write(task.Response[SrpResponse.Length..]);
        Answer(task, ScsiStatus.CheckCondition, length, outResidual: -task.DataOutLength, inResidual: -task.DataInLength);
    }

    void ITaskPort.Finish(ScsiTask scsi)
    {
        var task = (SrpTask)scsi;
        var length = task.WriteSense(task.Response[SrpResponse.Length..]);
        Answer(task, task.Status, length, task.DataOutResidual, task.DataInResidual);
    }

    private void Answer(SrpTask task, ScsiStatus status, int senseLength, long outResidual, long inResidual)
    {
        senseLength = Math.Min(senseLength, MaxResponseLength - SrpResponse.Length);
        var flags = senseLength > 0 ? SrpResponseFlags.SenseValid : SrpResponseFlags.None;
        if (outResidual != 0) flags |= outResidual > 0 ? SrpResponseFlags.DataOutOverflow : SrpResponseFlags.DataOutUnderflow;
        if (inResidual != 0) flags |= inResidual > 0 ? SrpResponseFlags.DataInOverflow : SrpResponseFlags.DataInUnderflow;
        Send(task, status == ScsiStatus.Good, new(0, 0, task.Tag, flags, (byte)status, (uint)Math.Abs(outResidual), (uint)Math.Abs(inResidual), (uint)senseLength, 0));
    }

    /// <summary>
    /// Sends a response. The request's buffer is posted again before, since the response gives its place in the limit back, with those of
    /// requests that ended without one.
    /// </summary>
    private void Send(SrpTask task, bool isGood, SrpResponse response)
    {
        FreeReceive(task);
        var isSolicited = (task.SolicitedNotification & (isGood ? 2 : 4)) != 0;
        response = response with { RequestLimitDelta = 1 + creditsOwed, SolicitedNotification = (byte)(isSolicited ? 1 : 0) };
        creditsOwed = 0;
        response.Write(task.Response);
        var work = TakeWork(SrpWorkKind.Response, task, WorkOpcode.Send);
        if (isSolicited) work.Request.Flags = SendFlags.Solicited;
        work.Sge = task.ResponseSge(SrpResponse.Length + (int)(response.SenseLength + response.ResponseLength));
        task.IsEnding = true;
        Post(work);
    }

    private void FreeReceive(SrpTask task)
    {
        if (task.Receive is not { } slot) return;
        task.Receive = null;
        ReturnReceive(slot);
    }

    /// <summary>An aborted command gets no response; the next one gives its place back.</summary>
    void ITaskPort.Drop(ScsiTask scsi)
    {
        var task = (SrpTask)scsi;
        creditsOwed++;
        FreeReceive(task);
        task.IsEnding = true;
        EndIfDone(task);
    }

    private void StartManagement(SrpTask task, in SrpTaskManagement request)
    {
        task.SolicitedNotification = request.SolicitedNotification;
        task.Tag = request.Tag;
        TaskManagementFunction? function = request.Function switch
        {
            SrpTaskFunction.AbortTask => TaskManagementFunction.AbortTask,
            SrpTaskFunction.AbortTaskSet => TaskManagementFunction.AbortTaskSet,
            SrpTaskFunction.ClearTaskSet => TaskManagementFunction.ClearTaskSet,
            SrpTaskFunction.LunReset => TaskManagementFunction.LogicalUnitReset,
            SrpTaskFunction.ClearAca => TaskManagementFunction.ClearAca,
            _ => null,
        };
        if (function is null)
        {
            AnswerManagement(task, SrpResponseCode.TaskManagementNotSupported);
            return;
        }
        var management = task.Management;
        (management.Function, management.Lun, management.ReferencedTag, management.Context) = (function.Value, new(request.Lun), request.ManagedTag, task);
        Target.Device.Manage(nexus!, management);
    }

    void ITaskPort.ManagementDone(TaskManagementRequest done) => AnswerManagement((SrpTask)done.Context!, done.Response switch
    {
        TaskManagementResponse.FunctionComplete or TaskManagementResponse.FunctionSucceeded => SrpResponseCode.NoFailure,
        TaskManagementResponse.NotSupported => SrpResponseCode.TaskManagementNotSupported,
        _ => SrpResponseCode.TaskManagementFailed, // no such task, no such unit: the driver has one word for them
    });

    private void AnswerManagement(SrpTask task, SrpResponseCode code)
    {
        ReadOnlySpan<byte> data = [0, 0, 0, (byte)code];
        data.CopyTo(task.Response[SrpResponse.Length..]);
        Send(task, code == SrpResponseCode.NoFailure, new(0, 0, task.Tag, SrpResponseFlags.ResponseValid, 0, 0, 0, 0, (uint)data.Length));
    }

    /// <summary>Gives places of the limit to the initiator that no response will carry soon: SRP_CRED_REQ, one at a time. SRP r16a §5.4.</summary>
    private void OfferCredits()
    {
        if (creditsOwed == 0 || isCreditOpen || TasksInUse > 0 || State != SrpChannelState.Live) return;
        isCreditOpen = true;
        var notice = region!.Memory.AsSpan(noticesAt, SrpNotice.Length);
        var isSolicited = (Login.Flags & SrpLoginRequest.CreditSolicitedFlag) != 0;
        new SrpNotice(SrpOpcode.CreditRequest, (byte)(isSolicited ? 1 : 0), creditsOwed, ++creditTag).Write(notice);
        creditsOwed = 0;
        var work = TakeWork(SrpWorkKind.Credit, null, WorkOpcode.Send);
        if (isSolicited) work.Request.Flags = SendFlags.Solicited;
        work.Sge = region.Sge(noticesAt, SrpNotice.Length);
        Post(work);
    }
}
